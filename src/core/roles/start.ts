import type { StartStep } from '../../kernel/lifecycle.ts';
import { permissionsOf } from './catalogue.ts';
import { synchronise } from './store.ts';

/** Writes down every permission that can be granted. */
export const synchronisePermissions: StartStep = {
  name: 'roles.permissions',
  async run({ db, registry }) {
    await synchronise(db, permissionsOf(registry));
    return [];
  },
};
