import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export type Received = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly path: string };

export type Receiver = {
  readonly url: string;
  readonly received: Received[];
  /** Answers from now on; by default 204. */
  answer(how: Answer): void;
};

type Answer = {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** Is waited for when a request was taken, before it is answered. */
  before?: () => Promise<void>;
};

/** A real HTTP server on loopback that keeps what it gets. */
export async function receiver(): Promise<Receiver> {
  const received: Received[] = [];
  let how: Answer = { status: 204 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        path: request.url ?? '',
      });
      const { status, headers, body, before } = how;
      void Promise.resolve(before?.()).then(() => response.writeHead(status, headers).end(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook?key=hidden`, received, answer: (next) => void (how = next) };
}

/** Waits until something is there. */
export async function eventually<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = performance.now() + 30_000;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error('It did not come.');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
