import pg from 'pg';
import type { ClientBase } from 'pg';

/**
 * Keeps what is written on a connection back until this turn of the event loop has read all that arrived: it is one
 * system call then, and wakes the database once.
 * @param done called when it goes out
 */
export function holdBack(client: ClientBase, done: () => void): void {
  // The types do not tell that every client of a pool is one.
  if (!(client instanceof pg.Client)) return done();
  const { stream } = client.connection;
  stream.cork();
  setImmediate(() => {
    done();
    stream.uncork();
  });
}
