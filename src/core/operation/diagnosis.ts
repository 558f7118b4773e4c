import type { Diagnosis } from '../../kernel/doctor/point.ts';
import { countSuperusers, isInUse, isSetUpOpen, missingDesignations } from './store.ts';

const NOBODY =
  'No active user is a superuser: nobody can administer. "vestibule user recover <username> --activate --superuser" ' +
  'makes somebody one.';

/** People: somebody must be able to administer. */
export const examineUsers: Diagnosis = {
  name: 'users',
  async examine({ db }) {
    if (!(await isInUse(db))) return ['There is no user yet: start the server once.'];
    const { active, unable } = await countSuperusers(db);
    if (active === 0) return [NOBODY];
    if (unable.length === 0) return [];
    const hint = (await isSetUpOpen(db)) ? ', or open the set-up link that the first start printed, for akadmin' : '';
    return [
      `Superusers without a password: ${unable.join(', ')}. Set one: "vestibule user set-password <username>"${hint}.`,
    ];
  },
};

/** Flows: signing in and out needs one of each kind. */
export const examineFlows: Diagnosis = {
  name: 'flows',
  async examine({ db }) {
    const missing = await missingDesignations(db, ['authentication', 'invalidation', 'enrollment']);
    return missing.map((designation) => `There is no ${designation} flow with a stage in it.`);
  },
};
