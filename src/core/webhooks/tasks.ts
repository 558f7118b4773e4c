import { listDueKeys } from '../../kernel/tasks/store.ts';
import { defineTask, enqueueAll } from '../../kernel/tasks/task.ts';
import { deliverWebhook, jobKey } from './deliveries/deliver.ts';
import { listStranded, purge } from './deliveries/store.ts';
import { forgetSecrets } from './store.ts';

const SWEPT_AT_ONCE = 1_000;

/**
 * Finds deliveries whose job was lost, or whose worker died with its lease, and gives them a new one. Those that only wait
 * for their turn have a job and keep it.
 */
export const sweepWebhooks = defineTask({
  name: 'webhooks.sweep',
  every: 5,
  async run({ db }) {
    const ids = await listStranded(db, SWEPT_AT_ONCE);
    if (ids.length === 0) return;
    const waiting = await listDueKeys(db, ids.map(jobKey));
    const runs = ids.map((id) => ({ payload: { delivery: id }, key: jobKey(id) }));
    const lost = runs.filter(({ key }) => !waiting.has(key));
    if (lost.length > 0) await db.transaction((tx) => enqueueAll(tx, deliverWebhook, lost));
  },
});

/** Days after which a delivery that is over is forgotten; until then it can be sent again. */
const RETENTION_DAYS = 30;

/** Removes deliveries that are over after a month, and secrets that were replaced after a day. */
export const purgeWebhooks = defineTask({
  name: 'webhooks.purge',
  schedule: '47 * * * *',
  async run({ db }) {
    await purge(db, RETENTION_DAYS);
    await forgetSecrets(db);
  },
});
