import type { Diagnosis } from '../../../kernel/doctor/point.ts';
import { hasSearchIndex, listBroken } from './store.ts';

/** Searching is slow where the database lacked pg_trgm when it was migrated. */
export const examineSearch: Diagnosis = {
  name: 'invitation-search',
  async examine({ db }) {
    if (await hasSearchIndex(db)) return [];
    return [
      'The search of invitations has no index and reads all of them: PostgreSQL lacks the extension pg_trgm. Install it ' +
        `(postgresql-contrib), then run: select index_search('invitation_search', 'invitation', array['name'], 'open'), ` +
        `index_search('users_search', 'users', array['username'], 'true');`,
    ];
  },
};

/** Open invitations that lead nowhere: their flow does not ask for them, or makes no account. */
export const examineInvitations: Diagnosis = {
  name: 'invitations',
  async examine({ db }) {
    const broken = await listBroken(db);
    return broken.map(({ slug, open, lacks }) => `The flow ${slug} of ${open} open invitations has no ${lacks} stage.`);
  },
};
