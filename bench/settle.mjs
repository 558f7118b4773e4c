const POLL_MS = 100;
/** Fewer events than this wait until there are enough for a part of the index. */
const PART_EVENTS = 4096;

/**
 * Has the servers take every event that is written into the index of the log's search (docs/decisions/0081), which they
 * would do within a minute by themselves: during the next round, whose request did not write them.
 * @param {import('pg').Client} db of the servers' database
 */
export async function takeInEvents(db) {
  for (;;) {
    await db.query(`select graphile_worker.add_job('audit.index')`);
    let waiting = true;
    while (waiting) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const { rows } = await db.query(
        `select exists (select from graphile_worker.jobs where task_identifier = 'audit.index') as waiting`,
      );
      waiting = rows[0].waiting;
    }
    const { rows } = await db.query('select count(*)::int as left from event_unindexed');
    if (rows[0].left < PART_EVENTS) return;
  }
}
