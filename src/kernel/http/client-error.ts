import type { Socket } from 'node:net';
import type { Context } from '../context.ts';
import { requests } from './measures.ts';

const ANSWERS: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The header fields are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long.'],
};

const NO_HTTP = [400, 'Bad Request', 'The request is not valid HTTP.'] as const;

/** Answers what is no HTTP request, with an id and a line in the log as any other; the parser's words stay here. */
export function clientErrorsOf({ log, metrics, random }: Context) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const [status, reason, text] = ANSWERS[error.code ?? ''] ?? NO_HTTP;
    const requestId = random.bytes(16).toString('hex');
    const body = JSON.stringify({ detail: text });
    const head = [
      `HTTP/1.1 ${status} ${reason}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Connection: close',
    ];
    if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    socket.destroy();
    metrics.count(requests, ['(none)', '(none)', String(status)]);
    log.info('request', { requestId, route: '(none)', status });
  };
}
