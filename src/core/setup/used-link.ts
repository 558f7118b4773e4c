import type { UsedLink } from '../flows/index.ts';
import { findSetting } from '../settings/index.ts';
import { DONE, FLOW, SETUP } from './complete.ts';

/** Who opens the link that the set-up was done with is told so; any other link is one that never was. */
export const setupLink: UsedLink = {
  name: 'setup',
  async find({ db, vault }, { slug }, keyHash) {
    if (slug !== FLOW) return undefined;
    const by = await findSetting(db, SETUP);
    return typeof by === 'string' && vault.sameText(by, keyHash) ? DONE : undefined;
  },
};
