import type { AfterRestore } from '../../kernel/backup/points.ts';
import { cancelOpen } from './deliveries/store.ts';

/** What was waiting when a backup was made has been delivered since, or is stale. */
export const cancelRestored: AfterRestore = {
  name: 'webhooks',
  async run({ tx }) {
    const count = await cancelOpen(tx, 'It came back from a backup.');
    return count === 0 ? undefined : `${count} events that were waiting for webhooks were cancelled.`;
  },
};
