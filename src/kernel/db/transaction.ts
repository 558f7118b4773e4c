import type { PoolClient } from 'pg';
import type { Logger } from '../log/types.ts';
import { isUnavailable } from './errors.ts';
import { noteQuery } from './query-count.ts';
import type { Send } from './send.ts';
import type { Transaction } from './types.ts';

/**
 * Runs `work` between BEGIN and COMMIT on one connection.
 * @throws what `work` threw, after ROLLBACK; an Error when the server rolled back instead of committing
 */
export async function runTransaction<T>(
  { client, send, log }: { client: PoolClient; send: Send; log: Logger },
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const actions: (() => void)[] = [];
  let open = true;
  const tx: Transaction = {
    isTransaction: true,
    async query(...statement) {
      // Outside of its transaction the connection belongs to somebody else.
      if (!open) throw new Error('The transaction is over.');
      return send(client, statement);
    },
    afterCommit: (action) => void actions.push(action),
  };
  await send(client, ['begin']);
  const result = await attempt(client, work, tx).finally(() => (open = false));
  await commit(client);
  for (const action of actions) runAction(action, log);
  return result;
}

async function attempt<T>(client: PoolClient, work: (tx: Transaction) => Promise<T>, tx: Transaction): Promise<T> {
  try {
    return await work(tx);
  } catch (error) {
    // The pool drops a connection that was lost or hangs, or that could not roll back; its server then rolls back by
    // itself. To ask one that hangs would take as long again.
    if (!isUnavailable(error)) {
      noteQuery();
      await client.query('rollback').catch(() => undefined);
    }
    throw error;
  }
}

async function commit(client: PoolClient): Promise<void> {
  noteQuery();
  // A connection lost here throws: nobody can know whether the server had committed.
  const { command } = await client.query('commit');
  // After a failed statement whose error `work` swallowed, the server answers COMMIT with a ROLLBACK and no error.
  if (command !== 'COMMIT') throw new Error('The transaction was rolled back: one of its statements had failed.');
}

// What was committed stays committed, so a failure here must not look like a failed transaction.
function runAction(action: () => void, log: Logger): void {
  try {
    action();
  } catch (error) {
    log.error('an action after a commit failed', { error: error instanceof Error ? error.stack : String(error) });
  }
}
