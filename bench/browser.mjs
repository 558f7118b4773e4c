// A browser as far as an enrollment needs one: a kept connection, cookies, the executor's redirects. By hand, because what
// it takes of the cores is taken from what is measured: with `fetch` a person took four times as much (docs/performance.md).
import { connect } from 'node:net';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: (\d+)/i;
const COOKIE = /\r\nset-cookie: ([^=]+)=([^;\r]*)/gi;

/** A complete answer at the start of the buffer; undefined while some of it is missing. */
function readAnswer(buffer) {
  const end = buffer.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = buffer.latin1Slice(0, end);
  const length = LENGTH.exec(head);
  if (!length) throw new Error(`An answer without a length: ${head}`);
  const body = end + END_OF_HEAD.length;
  const size = body + Number(length[1]);
  if (buffer.length < size) return undefined;
  return { status: Number(head.slice(9, 12)), head, body: buffer.utf8Slice(body, size) };
}

/** Opens a connection that carries one request at a time. */
export function openConnection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received;
  let waiting;
  const fail = (error) => waiting?.reject(error);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The server closed a connection.')));
  socket.on('data', (chunk) => {
    received = received ? Buffer.concat([received, chunk]) : chunk;
    const answer = readAnswer(received);
    if (!answer) return;
    received = undefined;
    waiting?.resolve(answer);
  });
  return {
    send: (text) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(text);
      }),
    close: () => {
      waiting = undefined;
      socket.destroy();
    },
  };
}

/** Somebody new on a connection, at one address: asks it, and gives what is shown. */
export function newBrowser(connection, { host, path }) {
  const cookies = new Map();
  return async function ask(method, json) {
    const body = json === undefined ? '' : JSON.stringify(json);
    const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`];
    if (cookies.size > 0) lines.push(`cookie: ${[...cookies].map(([name, value]) => `${name}=${value}`).join('; ')}`);
    const csrf = cookies.get('authentik_csrf');
    if (csrf) lines.push(`x-authentik-csrf: ${csrf}`);
    if (json !== undefined) lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`);
    const answer = await connection.send(`${lines.join('\r\n')}\r\n\r\n${body}`);
    for (const [, name, value] of answer.head.matchAll(COOKIE)) cookies.set(name, value);
    if (answer.status === 302) return ask('GET');
    if (answer.status !== 200) throw new Error(`${method} ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body);
  };
}
