import type { ObjectGrants } from '../../kernel/authz/object-grants.ts';
import { grantedObjects, grantInitial } from './store.ts';

/** Single objects are granted to roles; a user has what their roles have. */
export const grants: ObjectGrants = {
  objects: grantedObjects,
  async created(tx, { roles }, { model, key }) {
    await grantInitial(tx, roles, { model, key: String(key) });
  },
};
