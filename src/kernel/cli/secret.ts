import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** A secret from standard input: typed without echo at a terminal, else the whole input without its last line break. */
export async function readSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return readInput();
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
