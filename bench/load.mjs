// A process that sends prepared requests over kept connections, one at a time on each, and writes what it saw as JSON.
// It does nothing else, so that it takes as little as it can of the cores that it shares with what is measured.
import { connect } from 'node:net';

/**
 * One raw HTTP/1.1 request a connection, these over the ports by turns; with a rate so many a second over all of them, as
 * far as the answers allow.
 * @typedef {{ ports: readonly number[], requests: readonly string[], seconds: number, rate?: number }} Task
 */

const END_OF_HEAD = Buffer.from('\r\n\r\n');
// An answer that has no body, and does not say so (RFC 9110 §8.6).
const EMPTY = 'HTTP/1.1 204 ';
const LENGTH = /\r\ncontent-length: (\d+)/i;

/** The size of a complete answer at the start of the buffer; undefined while some of it is missing. */
function answerSize(buffer) {
  const end = buffer.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = buffer.latin1Slice(0, end);
  if (head.startsWith(EMPTY)) return end + END_OF_HEAD.length;
  const length = LENGTH.exec(head);
  if (!length) throw new Error(`An answer without a length: ${head}`);
  const size = end + END_OF_HEAD.length + Number(length[1]);
  return buffer.length >= size ? size : undefined;
}

const isOk = (buffer) => buffer[9] === 0x32; // HTTP/1.1 2xx

/** Sends one request again and again until the time is over, each `every` milliseconds from `first` on if that is given. */
function drive(port, request, { end, seen, first, every }) {
  const bytes = Buffer.from(request);
  return new Promise((resolve, reject) => {
    let received;
    let sent = 0;
    let due = first;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const send = () => {
      sent = performance.now();
      socket.write(bytes);
    };
    const sendWhenDue = () => {
      if (every === undefined) return send();
      due = Math.max(due + every, performance.now());
      return setTimeout(send, due - performance.now());
    };
    socket.once('connect', sendWhenDue);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('The server closed a connection.')));
    socket.on('data', (chunk) => {
      received = received ? Buffer.concat([received, chunk]) : chunk;
      if (answerSize(received) === undefined) return;
      const now = performance.now();
      seen.times.push(now - sent);
      if (!isOk(received)) seen.failures.push(received.toString('utf8').slice(0, 500));
      received = undefined;
      if (now < end) sendWhenDue();
      else {
        socket.removeAllListeners('close');
        socket.end();
        resolve();
      }
    });
  });
}

async function main() {
  /** @type {Task} */
  const { ports, requests, seconds, rate } = await new Promise((resolve) => process.once('message', resolve));
  const start = performance.now();
  const seen = { times: [], failures: [] };
  const end = start + seconds * 1000;
  const every = rate === undefined ? undefined : (requests.length / rate) * 1000;
  // Spread over the time of one round.
  const firstOf = (index) => start + (every ?? 0) * (index / requests.length - 1);
  await Promise.all(
    requests.map((request, index) =>
      drive(ports[index % ports.length], request, { end, seen, first: firstOf(index), every }),
    ),
  );
  const took = (performance.now() - start) / 1000;
  const times = Float64Array.from(seen.times).sort();
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  process.send({
    count: times.length,
    perSecond: times.length / took,
    p50: at(0.5),
    p99: at(0.99),
    failures: seen.failures.slice(0, 3),
  });
  process.disconnect();
}

await main();
