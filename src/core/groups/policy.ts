import type { Actor } from '../../kernel/authz/actor.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { exceeds } from './store.ts';

/** Who may do what beyond the permission that an operation names. */
export const policy = {
  /** Nobody may give, or take, what they do not have themselves: all that members of the group may do (A23). */
  async mayShape(db: Queryable, actor: Actor | undefined, group: string): Promise<boolean> {
    if (!actor) return false;
    return actor.isSuperuser || !(await exceeds(db, group, actor.roles));
  },
};
