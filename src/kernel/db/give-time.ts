import type { Transaction } from './types.ts';

/** Lets each following statement of a transaction take that many milliseconds; say so to its `query` too (`deadlineMs`). */
export async function giveTime(tx: Transaction, milliseconds: number): Promise<void> {
  await tx.query(`select set_config('statement_timeout', $1, true)`, [String(milliseconds)]);
}
