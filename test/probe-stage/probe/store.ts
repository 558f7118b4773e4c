import type { Queryable, Transaction } from '../../../src/kernel/db/types.ts';

/** Keeps a right answer. */
export async function recordAnswer(tx: Transaction, stage: string): Promise<void> {
  await tx.query('insert into probe_answer (stage) values ($1)', [stage]);
}

/** Counts the answers of every stage. */
export async function count(db: Queryable): Promise<void> {
  await db.query(
    'update probe_stage s set answers = (select count(*) from probe_answer a where a.stage = s.stage_uuid)',
  );
}

/** How many answers were kept. */
export async function countAll(db: Queryable): Promise<number> {
  const [row] = await db.query<{ answers: number }>('select count(*)::integer as answers from probe_answer');
  return row?.answers ?? 0;
}
