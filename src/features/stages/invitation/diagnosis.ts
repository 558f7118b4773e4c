import type { Diagnosis } from '../../../kernel/doctor/point.ts';
import { listBroken } from './store.ts';

/** Open invitations that lead nowhere: their flow does not ask for them, or makes no account. */
export const examineInvitations: Diagnosis = {
  name: 'invitations',
  async examine({ db }) {
    const broken = await listBroken(db);
    return broken.map(({ slug, open, lacks }) => `The flow ${slug} of ${open} open invitations has no ${lacks} stage.`);
  },
};
