import { membership } from '../membership.ts';
import { removeMember } from '../store.ts';

/** Takes one user out of a group; nothing happens to others. */
export const removeUser = membership('remove', {
  permission: 'authentik_core.remove_user_from_group',
  description: 'Remove user from group',
  change: removeMember,
});
