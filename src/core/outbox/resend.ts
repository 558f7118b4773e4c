import type { Transaction } from '../../kernel/db/types.ts';
import { enqueue } from '../../kernel/tasks/task.ts';
import { deliverMail } from './deliver.ts';
import { reopen } from './store.ts';

/**
 * Tries a message again for those whom it did not reach, with the same Message-ID. Out: how many people; 0 when it
 * reached everybody, is still under way, or its content was removed.
 */
export async function resendMail(tx: Transaction, message: string): Promise<number> {
  const people = await reopen(tx, message);
  if (people > 0) await enqueue(tx, deliverMail, { payload: { message } });
  return people;
}
