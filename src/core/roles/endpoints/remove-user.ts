import { membership } from '../membership.ts';
import { removeHolder } from '../store.ts';

/** Takes the role from one user; nothing happens to others. */
export const removeUser = membership('remove', {
  permission: 'authentik_rbac.remove_user_from_role',
  description: 'Remove user from role',
  change: removeHolder,
});
