import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

export type RawAnswer = { readonly status: number; readonly headers: string; readonly body: string };

/**
 * Sends bytes to a listening server as they are: what no HTTP client would send, and what an in-process request would
 * normalise. In: the server's URL and the whole request, which must ask for the connection to be closed.
 */
export function sendRaw(baseUrl: string, request: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const chunks: Buffer[] = [];
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 seconds')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const [headers = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
      resolve({ status: Number(text.split(' ')[1]), headers, body: dechunked(headers, body) });
      socket.destroy();
    });
    socket.write(request);
  });
}

/** Sends the beginning of a request, waits until it has arrived, and goes away. In: the server's URL and those bytes. */
export async function abandon(baseUrl: string, beginning: string): Promise<void> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.write(beginning, resolve));
  await setTimeout(100);
  socket.destroy();
}

/** The body of an answer in one chunk, which is how short ones without a length come. */
function dechunked(headers: string, body: string): string {
  if (!/^transfer-encoding: chunked\r?$/im.test(headers)) return body;
  return /^[0-9a-f]+\r\n(.*)\r\n0\r\n\r\n$/s.exec(body)?.[1] ?? body;
}
