import { createFlowToken } from '../../../../core/flows/index.ts';
import { findPasswordHash } from '../../../../core/users/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { ValidationError } from '../../../../kernel/errors/index.ts';
import { eventUser } from '../../../../kernel/events/event-user.ts';
import { messages } from '../../../../kernel/resource/messages.ts';
import { parseTimedelta } from '../../../../kernel/schema/timedelta.ts';
import { APP } from '../events.ts';
import { mailedLink, markOf, tokenIdentifier } from '../link.ts';
import type { Recovery } from './plan.ts';

/** Seconds. Who makes a link for somebody else may have to wait for them, and not for longer (T19). */
const LONGEST = 86_400;

/** The time of a link in seconds, as it was asked for; undefined: the stage's own. @throws 400 on `token_duration` */
export function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseTimedelta(text);
  const fault = (message: string) => new ValidationError({ token_duration: [message] });
  if (seconds === undefined) throw fault(messages.timedelta(text));
  if (seconds < 1 || seconds > LONGEST) throw fault('Ensure this value is between seconds=1 and days=1.');
  return seconds;
}

export const RECOVERY_LINK = { app: APP, name: 'recovery_link_created' };

type Issue = {
  readonly recovery: Recovery;
  readonly base: string;
  readonly token: string;
  /** How long it is kept. */
  readonly seconds: number;
  readonly mailed: boolean;
};

/**
 * Stores the plan behind a new key, of which the database has the fingerprint only, and tells who made it for whom. An older
 * link of the account is worth nothing from now on, and neither is this one once it was used or the password changed (T19).
 * Out: the link.
 */
export async function issueRecovery(
  ctx: RequestContext,
  tx: Transaction,
  { recovery, base, token, seconds, mailed }: Issue,
): Promise<string> {
  const { user, address, flow, stage, draft } = recovery;
  draft.set(mailedLink, {
    stage: stage.pk,
    token,
    user: user.id,
    address,
    // No browser asked for it, so that whoever opens it types the address.
    session: '',
    ...(mailed || !ctx.actor ? {} : { maker: ctx.actor.id }),
    password: markOf(ctx, await findPasswordHash(tx, user.id)),
  });
  const key = await createFlowToken(ctx, tx, {
    uuid: token,
    identifier: tokenIdentifier(stage.pk, user.id),
    plan: draft.plan,
    userId: user.id,
    revokeOnExecution: false,
    seconds,
  });
  await ctx.events.record(tx, {
    app: RECOVERY_LINK.app,
    action: RECOVERY_LINK.name,
    context: { user: { pk: user.id, username: user.username }, stage, mailed },
    user: ctx.actor && eventUser(ctx.actor),
    clientIp: ctx.clientIp,
  });
  return `${base}/if/flow/${flow.slug}/?${new URLSearchParams({ flow_token: key }).toString()}`;
}
