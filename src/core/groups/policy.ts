import type { Actor } from '../../kernel/authz/actor.ts';

/** Who may do what beyond the permission that an operation names. */
export const policy = {
  /** Nobody may give, or take, what they do not have themselves: the members of such a group may do everything. */
  mayShape: (actor: Actor | undefined, group: { readonly grantsSuperuser: boolean }): boolean =>
    actor?.isSuperuser === true || !group.grantsSuperuser,
};
