import { Denial, pendingUser, pendingUserIdentifier } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import { avatarOf, findUser } from '../../../core/users/index.ts';

/** Whose password is asked for. */
export type Person = {
  /** undefined: somebody typed a name that nobody has, and the page does not say so (A06). */
  readonly userId: number | undefined;
  /** The real username; not for pages. */
  readonly username: string | undefined;
  /** What the page calls the person. */
  readonly shown: string;
  readonly avatar: string;
};

/**
 * The pending user, else the one that identification pretends to know, else the one who is logged in.
 * @throws Denial when there is nobody
 */
export async function findPerson({ ctx, plan, session }: StageRequest<unknown>): Promise<Person> {
  const typed = plan.get(pendingUserIdentifier);
  const userId = plan.get(pendingUser) ?? (typed === undefined ? session.user?.id : undefined);
  // Asked also for nobody, so that the same statements run.
  const user = await findUser(ctx.db, userId ?? 0);
  const shown = typed ?? user?.username;
  if (shown === undefined) throw new Denial('');
  const avatar = avatarOf(typed ?? (user?.name || shown));
  return { userId: user?.id, username: user?.username, shown, avatar };
}
