import type { AfterRestore, RestoreGuard } from '../../kernel/backup/points.ts';
import { findSetting, putSetting } from '../settings/index.ts';
import { isInUse } from './store.ts';

/** Nothing is restored over an installation that is in use. */
export const guardUsed: RestoreGuard = {
  name: 'in-use',
  async check(db) {
    if (!(await isInUse(db))) return undefined;
    return 'The database is in use: it has users. Restore into an empty database.';
  },
};

const EPOCH = 'restore_epoch';

/** Notes that this database is a copy: how often, from when. */
export const noteRestore: AfterRestore = {
  name: 'epoch',
  async run({ tx, made }) {
    const before = await findSetting(tx, EPOCH);
    const number = typeof before === 'object' && before !== null && 'number' in before ? Number(before['number']) : 0;
    await putSetting(tx, EPOCH, { number: number + 1, made });
    return `What was revoked after ${made} is valid again: look through API tokens and users.`;
  },
};
