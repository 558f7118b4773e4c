import { afterRestore } from '../../kernel/backup/points.ts';
import { eventAction } from '../../kernel/events/action.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { gaugeSource } from '../../kernel/metrics/gauge.ts';
import { ownOperation } from '../../kernel/own-api/index.ts';
import { task } from '../../kernel/tasks/task.ts';
import { cancelRestored } from './after-restore.ts';
import { deliverWebhook } from './deliveries/deliver.ts';
import { WEBHOOK_EVENTS } from './events.ts';
import { webhookGauges } from './gauges.ts';
import { patchWebhook } from './operations/change.ts';
import { createWebhook } from './operations/create.ts';
import { listWebhookDeliveries } from './operations/deliveries.ts';
import { listWebhookEvents } from './operations/events.ts';
import { listAllWebhooks } from './operations/list.ts';
import { readWebhook } from './operations/read.ts';
import { redeliver } from './operations/redeliver.ts';
import { removeWebhook } from './operations/remove.ts';
import { rotateWebhook } from './operations/rotate.ts';
import { testWebhook } from './operations/try.ts';
import { purgeWebhooks, sweepWebhooks } from './tasks.ts';

const OPERATIONS = [
  listAllWebhooks,
  createWebhook,
  readWebhook,
  patchWebhook,
  removeWebhook,
  rotateWebhook,
  testWebhook,
  listWebhookDeliveries,
  redeliver,
  listWebhookEvents,
];

export default defineFeature({
  name: 'webhooks',
  provides: [
    ...OPERATIONS.map((one) => ownOperation(one)),
    task(deliverWebhook),
    task(sweepWebhooks),
    task(purgeWebhooks),
    gaugeSource(webhookGauges),
    afterRestore(cancelRestored),
    ...WEBHOOK_EVENTS.map((one) => eventAction(one)),
  ],
});
