import type { Actor } from '../../kernel/authz/actor.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { exceeds, holdsOn } from './store.ts';

/** Who may do what beyond the permission that an operation names: nobody gives, or takes, what they lack (A23). */
export const policy = {
  /** Whether the caller may change, delete, give or take the role. */
  async mayShape(db: Queryable, actor: Actor | undefined, role: string): Promise<boolean> {
    if (!actor) return false;
    return actor.isSuperuser || !(await exceeds(db, role, actor.roles));
  },

  /** Whether the caller holds the permission (`app_label.codename`) on everything, or at least on the object named. */
  async mayGrant(
    db: Queryable,
    actor: Actor | undefined,
    grant: { readonly permission: string; readonly objectPk: string | undefined },
  ): Promise<boolean> {
    if (!actor) return false;
    if (actor.can(grant.permission)) return true;
    const { permission, objectPk } = grant;
    return objectPk !== undefined && holdsOn(db, actor.roles, { permission, objectPk });
  },
};
