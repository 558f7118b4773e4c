import type { Actor } from '../../kernel/authz/actor.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { exceeds } from './store.ts';

/** Who may do what beyond the permission that an operation names. */
export const policy = {
  /**
   * Whether the caller may make, change or take over that account: nobody may it with one that can do anything that they
   * cannot, or granting a permission would grant the way to all others (A23). Asked before and after a change.
   */
  async mayControl(db: Queryable, actor: Actor | undefined, userId: number): Promise<boolean> {
    if (!actor) return false;
    return actor.isSuperuser || !(await exceeds(db, userId, actor.roles));
  },
};
