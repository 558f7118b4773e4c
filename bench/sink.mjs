// A process that takes mail by SMTP and throws it away, as cheaply as it can, because it shares the cores with what is
// measured; tells how much came, when it is asked.
import { createServer } from 'node:net';

const END = '\r\n.\r\n';
// A line's end may be split over two packets.
const TAIL = END.length - 1;

/** @typedef {{ count: number, first: number, last: number }} Taken messages, and when they came, in ms since the epoch */

/** @type {Taken} */
let taken = { count: 0, first: 0, last: 0 };

function note() {
  const now = Date.now();
  if (taken.count === 0) taken.first = now;
  taken.count += 1;
  taken.last = now;
}

/** One command's answer; undefined where none is due. */
function answerTo(line) {
  const [verb = ''] = line.toUpperCase().split(/[ :]/);
  if (verb === 'DATA') return '354 go on\r\n';
  if (verb === 'QUIT') return '221 bye\r\n';
  return '250 ok\r\n';
}

const server = createServer({ noDelay: true }, (socket) => {
  let text = '';
  let inMessage = false;
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.write('220 sink\r\n');
  socket.on('data', (chunk) => {
    text += chunk;
    for (;;) {
      const end = text.indexOf(inMessage ? END : '\r\n');
      if (end < 0) break;
      const line = text.slice(0, end);
      text = text.slice(end + (inMessage ? END.length : 2));
      if (inMessage) {
        note();
        inMessage = false;
        socket.write('250 taken\r\n');
        continue;
      }
      inMessage = /^data$/i.test(line);
      socket.write(answerTo(line));
      if (/^quit/i.test(line)) socket.end();
    }
    if (inMessage && text.length > TAIL) text = text.slice(-TAIL);
  });
});

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', (wanted) => {
  if (wanted === 'reset') taken = { count: 0, first: 0, last: 0 };
  process.send(taken);
});
process.once('disconnect', () => process.exit(0));
