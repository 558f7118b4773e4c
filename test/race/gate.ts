import { pause } from '../../src/kernel/db/embedded/processes.ts';
import type { Database } from '../../src/kernel/db/types.ts';

/** Less than the deadline of a statement, which would otherwise end the first who wait. */
const PATIENCE_MS = 3000;

const WAITING = `
  select count(*)::int as waiting from pg_locks
  where not granted and relation = $1::regclass and database = (select oid from pg_database where datname = current_database())`;

/** What came of the work, and how many transactions stood at the gate when it was opened. */
export type Gated<T> = { readonly result: T; readonly waiting: number };

/**
 * Starts work and lets none of it write to a table before so many transactions are about to; then all go at once. So a
 * race does not depend on how long the machine takes to bring everybody to the line.
 */
export async function behindGate<T>(
  db: Database,
  gate: { readonly table: string; readonly wanted: number },
  work: () => Promise<T>,
): Promise<Gated<T>> {
  let waiting = 0;
  // Handed out in an object, for a bare promise would be awaited by the transaction that it waits for.
  const { result } = await db.transaction(async (tx) => {
    await tx.query(`lock table ${gate.table} in share mode`, [], { prepare: false });
    const started = { result: work() };
    started.result.catch(() => undefined);
    for (let end = Infinity; waiting < gate.wanted && performance.now() < end; await pause(10)) {
      const [row] = await tx.query<{ waiting: number }>(WAITING, [gate.table]);
      waiting = row?.waiting ?? 0;
      if (waiting > 0 && end === Infinity) end = performance.now() + PATIENCE_MS;
    }
    return started;
  });
  return { result: await result, waiting };
}
