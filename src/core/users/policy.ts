import type { Actor } from '../../kernel/authz/actor.ts';

/** Who may do what beyond the permission that an operation names. */
export const policy = {
  /**
   * Nobody makes, changes or takes over an account that can do more than they can: granting a permission must not grant
   * the way to all others.
   */
  mayControl: (actor: Actor | undefined, account: { readonly isSuperuser: boolean }): boolean =>
    actor?.isSuperuser === true || !account.isSuperuser,
};
