import { membership } from '../membership.ts';
import { addHolder } from '../store.ts';

/** Gives one user the role; nothing happens to one who has it. */
export const addUser = membership('add', {
  permission: 'authentik_rbac.add_user_to_role',
  description: 'Add user to role',
  change: addHolder,
});
