import type { Context, RequestContext } from '../../../kernel/context.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import type { EventRecord } from '../../../kernel/events/types.ts';
import { hex } from '../../../kernel/schema/uuid.ts';
import { eventUser } from '../../../kernel/events/event-user.ts';
import type { Doer } from '../../../kernel/events/event-user.ts';

/** The feature's name in events. */
export const APP = 'vestibule.stages.invitation';

/**
 * What happens to an invitation, and what comes of it. That one was made or changed is told by `model_created` and
 * `model_updated`, as everywhere; its removal over v3 by `model_deleted`.
 */
export const INVITATION_EVENTS = [
  'invitation_mail_queued',
  'invitation_sent',
  'invitation_delivery_failed',
  'invitation_opened',
  'invitation_used',
  'invitation_joined',
  'invitation_expired',
  'invitation_revoked',
  'invitation_extended',
  'invitation_secrets_changed',
  'invitation_requested',
  'invitation_reminder_sent',
  'invitation_approval_requested',
  'invitation_approved',
  'invitation_rejected',
  'account_expired',
] as const;

export type InvitationEvent = (typeof INVITATION_EVENTS)[number];

type Place = { readonly ctx: Context | RequestContext; readonly tx: Transaction };

type Told = {
  /** Of the invitation; null: it is gone, and an account that it made is told of. */
  readonly id: string | null;
  /** No link, code or secret. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Who does it, where that is not the request's actor: a visitor of a flow. */
  readonly user?: Doer | undefined;
};

/** Who does it, and from where, when it is somebody's request. */
function whoOf(ctx: Context | RequestContext, user: Told['user']) {
  const by = user ?? ('actor' in ctx ? ctx.actor : undefined);
  return {
    ...('clientIp' in ctx ? { clientIp: ctx.clientIp } : {}),
    ...(by ? { user: eventUser(by) } : {}),
  };
}

/** The event of what happened to an invitation, with the request's actor if there is one. */
export function invitationEvent(
  ctx: Context | RequestContext,
  action: InvitationEvent,
  { id, context, user }: Told,
): EventRecord {
  const about = id === null ? {} : { invitation_uuid: hex(id) };
  return { app: APP, action, ...whoOf(ctx, user), context: { ...about, ...context } };
}

/** Writes what happened to an invitation in the transaction in which it did; see {@link invitationEvent}. */
export async function tellInvitation({ ctx, tx }: Place, action: InvitationEvent, told: Told): Promise<void> {
  await ctx.events.record(tx, invitationEvent(ctx, action, told));
}
