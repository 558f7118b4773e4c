import { expect, test } from 'vitest';
import { testApp } from '../../../../test/app.ts';
import { lockState, noteOld } from './store.ts';

const OLD = 5000;
const BATCH = 100;
const BATCHES = 20;

// Entries that were read by way of the index, and rows without one, in this transaction.
const READ = `
  select (pg_stat_get_xact_tuples_returned('event_created'::regclass)
    + pg_stat_get_xact_tuples_returned('event'::regclass))::integer as count`;

test('events that were there before are noted batch by batch, without reading those before them again', async () => {
  const { db } = (await testApp()).ctx;
  await db.query(
    `insert into event (action, app, created)
     select 'login', 'old', now() - make_interval(secs => i) from generate_series(1, ${OLD}) i`,
  );
  await db.query('select reindex_event_search()');
  await db.query('analyze event');
  await db.transaction(async (tx) => {
    await lockState(tx);
    for (let batch = 0; batch < BATCHES; batch += 1) await noteOld(tx, BATCH);
    const [noted] = await tx.query<{ count: number }>('select count(*)::integer as count from event_unindexed');
    expect(noted?.count).toBe(BATCHES * BATCH);
    const [read] = await tx.query<{ count: number }>(READ);
    expect(read?.count).toBeGreaterThanOrEqual(BATCHES * BATCH);
    expect(read?.count).toBeLessThan(2 * BATCHES * BATCH);
  });
});
