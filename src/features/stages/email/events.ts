import type { StageRequest } from '../../../core/flows/index.ts';
import type { UserRow } from '../../../core/users/index.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import type { Ended } from './claim.ts';

export const APP = 'vestibule.stages.email';

export type Confirmation = {
  readonly user: UserRow;
  readonly activated: boolean;
  /** What ended of somebody else's who began the account; undefined: it stays whose it was. */
  readonly ended: Ended | undefined;
};

/** Writes that an address was confirmed, and what that ended. */
export async function recordConfirmed(
  { ctx, stage }: StageRequest<unknown>,
  tx: Transaction,
  { user, activated, ended }: Confirmation,
): Promise<void> {
  const who = {
    app: APP,
    user: { pk: user.id, username: user.username, email: user.email },
    clientIp: ctx.clientIp,
  };
  // By names that the log does not take for those of secrets.
  const over = ended && { ended: { sessions: ended.sessions, api_access: ended.tokens } };
  const context = { stage: { pk: stage.pk, name: stage.name }, activated, ...over };
  await ctx.events.record(tx, { ...who, action: 'email_confirmed', context });
  if (!ended?.password) return;
  const about = { user: { pk: user.id, username: user.username } };
  await ctx.events.record(tx, { ...who, action: 'password_set', context: about });
}
