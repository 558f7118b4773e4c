import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import type { Answer, Send } from '../jar.ts';

// A server that answers nothing at all must fail the test and not hang it.
const TIMEOUT_MS = 30_000;

function parse(text: string, type: string | undefined): unknown {
  return type?.startsWith('application/json') ? JSON.parse(text) : undefined;
}

/** Sends a jar's requests over real connections, which are kept and reused. No redirect is followed. */
export function httpSend(origin: string): { readonly send: Send; close(): void } {
  const agent = new Agent({ keepAlive: true });
  const send: Send = ({ method, url, headers, payload }) =>
    new Promise<Answer>((resolve, reject) => {
      const isStream = payload instanceof Readable;
      const length = payload === undefined || isStream ? {} : { 'content-length': String(Buffer.byteLength(payload)) };
      const options = { method, agent, headers: { ...headers, ...length }, timeout: TIMEOUT_MS };
      const outgoing = request(new URL(url, origin), options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const { statusCode: status = 0, headers: received } = incoming;
          resolve({ status, headers: received, text, body: parse(text, received['content-type']) });
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer from ${url} within ${TIMEOUT_MS} ms.`)));
      outgoing.on('error', reject);
      if (isStream) payload.pipe(outgoing);
      else outgoing.end(payload);
    });
  return { send, close: () => agent.destroy() };
}
