import { membership } from '../membership.ts';
import { addMember } from '../store.ts';

/** Adds one user to a group; nothing happens to a member. */
export const addUser = membership('add', {
  permission: 'authentik_core.add_user_to_group',
  description: 'Add user to group',
  change: addMember,
});
