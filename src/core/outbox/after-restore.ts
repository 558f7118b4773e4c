import type { AfterRestore } from '../../kernel/backup/points.ts';
import { cancelOpen } from './store.ts';

/** What was waiting when a backup was made has been sent since, or is stale: it must not go out (again). */
export const cancelRestored: AfterRestore = {
  name: 'outbox',
  async run({ tx }) {
    const people = await cancelOpen(tx, 'It came back from a backup.');
    return people === 0 ? undefined : `Mails that were waiting to be sent to ${people} people were cancelled.`;
  },
};
