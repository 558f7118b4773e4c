import type { PoolClient } from 'pg';
import type { Logger } from '../log/types.ts';
import { errorCode, isUnavailable } from './errors.ts';
import { holdBack } from './hold-back.ts';
import { noteQuery } from './query-count.ts';
import type { Send, Statement } from './send.ts';
import type { Transaction } from './types.ts';

type Connected = { readonly client: PoolClient; readonly send: Send };

/** SQLSTATE of a statement after one that failed in the same transaction. */
const ABORTED = '25P02';

/** The statements that were sent without waiting for their answers. */
class Unanswered {
  readonly #answers: Promise<unknown>[] = [];
  #failure: unknown;

  add(answer: Promise<unknown>): void {
    this.#answers.push(answer.catch((error: unknown) => void (this.#failure ??= error)));
  }

  /** What went wrong, where a later statement only says that something did. Known when a later one was answered. */
  explain(error: unknown): unknown {
    return errorCode(error) === ABORTED ? (this.#failure ?? error) : error;
  }

  /** Waits for all answers. Out: the first failure. */
  async settle(): Promise<unknown> {
    await Promise.all(this.#answers);
    return this.#failure;
  }
}

/**
 * Runs `work` between BEGIN and COMMIT on one connection.
 * @throws what `work` threw, after ROLLBACK; an Error when the server rolled back instead of committing
 */
export async function runTransaction<T>(
  { client, send, log }: Connected & { log: Logger },
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const actions: (() => void)[] = [];
  const unanswered = new Unanswered();
  const state = { open: true, gathering: false };
  function ask<Row extends object>(statement: Statement): Promise<Row[]> {
    // Outside of its transaction the connection belongs to somebody else.
    if (!state.open) throw new Error('The transaction is over.');
    if (!state.gathering) {
      state.gathering = true;
      holdBack(client, () => (state.gathering = false));
    }
    return send<Row>(client, statement);
  }
  const tx: Transaction = {
    isTransaction: true,
    query: async (...statement) => ask(statement),
    send: (...statement) => unanswered.add(ask(statement)),
    afterCommit: (action) => void actions.push(action),
  };
  await send(client, ['begin']);
  const result = await attempt({ client, unanswered }, work, tx).finally(() => (state.open = false));
  await commit(client, unanswered);
  for (const action of actions) runAction(action, log);
  return result;
}

async function attempt<T>(
  { client, unanswered }: { client: PoolClient; unanswered: Unanswered },
  work: (tx: Transaction) => Promise<T>,
  tx: Transaction,
): Promise<T> {
  try {
    return await work(tx);
  } catch (error) {
    // The pool drops a connection that was lost or hangs, or that could not roll back; its server then rolls back by
    // itself. To ask one that hangs would take as long again.
    if (!isUnavailable(error)) {
      noteQuery();
      await client.query('rollback').catch(() => undefined);
    }
    throw unanswered.explain(error);
  }
}

async function commit(client: PoolClient, unanswered: Unanswered): Promise<void> {
  noteQuery();
  // A connection lost here throws: nobody can know whether the server had committed.
  const [{ command }, failure] = await Promise.all([client.query('commit'), unanswered.settle()]);
  // After a failed statement the server answers COMMIT with a ROLLBACK and no error.
  if (command === 'COMMIT') return;
  throw failure ?? new Error('The transaction was rolled back: one of its statements had failed.');
}

// What was committed stays committed, so a failure here must not look like a failed transaction.
function runAction(action: () => void, log: Logger): void {
  try {
    action();
  } catch (error) {
    log.error('an action after a commit failed', { error: error instanceof Error ? error.stack : String(error) });
  }
}
