import { defineTask, enqueueAll } from '../../kernel/tasks/task.ts';
import { deliverWebhook, jobKey } from './deliveries/deliver.ts';
import { listStranded, purge } from './deliveries/store.ts';
import { forgetSecrets } from './store.ts';

const SWEPT_AT_ONCE = 1_000;

/** Finds deliveries whose job was lost with its worker and gives them a new one. */
export const sweepWebhooks = defineTask({
  name: 'webhooks.sweep',
  schedule: '* * * * *',
  async run({ db }) {
    const ids = await listStranded(db, SWEPT_AT_ONCE);
    if (ids.length === 0) return;
    const runs = ids.map((id) => ({ payload: { delivery: id }, key: jobKey(id) }));
    await db.transaction((tx) => enqueueAll(tx, deliverWebhook, runs));
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
