import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import type { ClientBase, Connection, Submittable } from 'pg';

const ignore = (): void => undefined;

/** What the driver calls on a statement that answers with no rows. */
const silent = { handleRowDescription: ignore, handleDataRow: ignore, handleCommandComplete: ignore };

/** Runs `COPY … TO STDOUT`. Out: its bytes; the server waits while nobody reads them. */
export function copyOut(client: ClientBase, text: string): Readable {
  const out = new PassThrough();
  let isPaused = false;
  const statement: Submittable & Record<string, unknown> = {
    ...silent,
    submit: (connection: Connection) => connection.query(text),
    handleCopyData({ chunk }: { chunk: Buffer }, connection: Connection) {
      // A copy: the driver uses its buffer again.
      // What has arrived already comes even while the server waits.
      if (out.write(Buffer.from(chunk)) || isPaused) return;
      isPaused = true;
      connection.stream.pause();
      out.once('drain', () => {
        isPaused = false;
        connection.stream.resume();
      });
    },
    // The end may overtake the last pause, and an ended stream never says `drain`: the connection would stay paused.
    handleReadyForQuery(connection: Connection) {
      connection.stream.resume();
      out.end();
    },
    handleError(error: Error, connection: Connection) {
      connection.stream.resume();
      out.destroy(error);
    },
  };
  client.query(statement);
  return out;
}

// PostgreSQL, Frontend/Backend Protocol, message formats: CopyData, CopyDone, CopyFail.
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const COPY_FAIL = Buffer.from([0x66, 0, 0, 0, 5, 0]);

function copyData(chunk: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = 0x64;
  head.writeUInt32BE(chunk.length + 4, 1);
  return Buffer.concat([head, chunk]);
}

/** Runs `COPY … FROM STDIN` with these bytes. Throws the server's refusal, or what `chunks` throws. */
export async function copyIn(client: ClientBase, text: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  let accepted: (connection: Connection) => void = ignore;
  const open = new Promise<Connection>((resolve) => (accepted = resolve));
  let settle: { done: () => void; fail: (error: Error) => void } = { done: ignore, fail: ignore };
  const finished = new Promise<void>((done, fail) => (settle = { done, fail }));
  const statement: Submittable & Record<string, unknown> = {
    ...silent,
    submit: (connection: Connection) => connection.query(text),
    handleCopyInResponse: (connection: Connection) => accepted(connection),
    handleReadyForQuery: () => settle.done(),
    handleError: (error: Error) => settle.fail(error),
  };
  client.query(statement);
  // Whoever is first: the server may refuse the statement itself.
  const { stream } = await Promise.race([open, finished.then(() => open)]);
  await Promise.race([finished, send(stream, chunks)]);
  await finished;
}

async function send(stream: Connection['stream'], chunks: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (!stream.write(copyData(chunk))) await once(stream, 'drain');
    }
  } catch (error) {
    stream.write(COPY_FAIL);
    throw error;
  }
  stream.write(COPY_DONE);
}
