import {
  accountHeld,
  activeWhenProven,
  enforceLocked,
  localTarget,
  promptData,
  provenEmail,
  redirectTo,
} from '../../../core/flows/index.ts';
import type { CommitRequest, CommitStep, PlanDraft } from '../../../core/flows/index.ts';
import type { RequestContext } from '../../../kernel/context.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { isJsonObject, textsOf } from '../../../kernel/schema/types.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { enqueue } from '../../../kernel/tasks/task.ts';
import { findPromised, giveMemberships, lockAccount } from './accept/store.ts';
import type { Promised } from './accept/store.ts';
import { tellApprovers } from './approvals/tell.ts';
import { deactivate, holdAccount, putExpiry } from './accounts/store.ts';
import { remindAccounts } from './accounts/tasks.ts';
import { isAllowedAddress, normalAddress } from './address.ts';
import { invalidInvitation, otherAddress } from './errors.ts';
import { tellInvitation } from './events.ts';
import { rebase } from './fixed-data.ts';
import { leaveAddress } from './keep-address.ts';
import { stillProves } from './proof.ts';
import * as invitations from './store.ts';
import type { UsableInvitation } from './store.ts';

/** The name of the commit step that the stage leaves in the plan. */
export const REDEEM = 'invitation';

/** Where a person goes whose account waits for approval. */
export const WAITING = '/i/waiting';

/** Brings the gathered data up to date with the invitation as it is now (T06), and what is locked wins (T10). */
function settleData({ plan, data }: CommitRequest, found: UsableInvitation): void {
  const { base, fixed_data: before } = data;
  if (!isJsonObject(base) || !isJsonObject(before)) throw new TypeError('The invitation left no data to compare with.');
  const after = found.fixed_data;
  const current = rebase(plan.get(promptData) ?? {}, { base, before, after });
  plan.set(promptData, found.locked ? enforceLocked(current, after) : current);
}

/** Where the flow ends: the invitation's own place, if it is one of ours (T22). */
export function leadOn(plan: PlanDraft, redirect: string): void {
  const target = redirect === '' ? undefined : localTarget(redirect);
  if (target !== undefined) plan.set(redirectTo, target);
}

const EMAIL_STAGE = 'email';
const WRITE_STAGE = 'user_write';

/** Whether the flow had the address proved: its e-mail stage is over, or none is bound; one still to come proves later. */
async function isProved(request: CommitRequest, email: string): Promise<boolean> {
  const { tx, flow, plan } = request;
  const proved = plan.get(provenEmail);
  if (proved !== undefined) return normalAddress(proved) === normalAddress(email);
  return provesLater(request) || !(await invitations.hasStage(tx, flow.flow_uuid, EMAIL_STAGE));
}

const provesLater = ({ plan }: CommitRequest): boolean =>
  plan.get(provenEmail) === undefined && plan.plan.bindings.some(({ type }) => type === EMAIL_STAGE);

const writesAgain = ({ plan }: CommitRequest): boolean => plan.plan.bindings.some(({ type }) => type === WRITE_STAGE);

/** Whoever typed an address that the invitation is for has an account only when they have proved it (E08). */
async function waitForProof({ tx, plan }: CommitRequest, userId: number): Promise<void> {
  await deactivate(tx, userId);
  plan.set(activeWhenProven, true);
}

async function checkAddress(request: CommitRequest, found: UsableInvitation, email: string): Promise<void> {
  if (found.restrict_to.length === 0) return;
  if (!isAllowedAddress(found.restrict_to, email) || !(await isProved(request, email))) throw otherAddress();
}

type Gift = {
  readonly found: UsableInvitation;
  readonly userId: number;
  /** What was promised when the link was opened. */
  readonly opened?: JsonObject;
  /** What is promised now, if it was asked for already, in the same transaction and after the invitation was locked. */
  readonly promised?: Promise<Promised>;
};

/**
 * Gives what the invitation promises: as it is now, and still all that it promised when it was opened (T25).
 * @throws Denial
 */
export async function givePromised(ctx: RequestContext, tx: Transaction, gift: Gift): Promise<void> {
  const { found, userId, opened = {} } = gift;
  const now = await (gift.promised ?? findPromised(tx, found.invite_uuid));
  const gone = await invitations.countGone(tx, textsOf(opened['groups']), textsOf(opened['roles']));
  const given = gone === 0 && (await giveMemberships(tx, { promised: now, inviter: found.created_by, userId }));
  if (given) return;
  const why = gone === 0 ? 'it gives more than its creator may give' : 'a group or role that it gave is gone';
  ctx.log.warn('an invitation could not be used', { invitation: ctx.vault.fingerprint(found.invite_uuid, 'log'), why });
  throw invalidInvitation();
}

async function holdForApproval({ ctx, tx }: CommitRequest, found: UsableInvitation, userId: number): Promise<void> {
  const account = await lockAccount(tx, userId);
  await enqueue(tx, tellApprovers, { payload: await holdAccount(tx, userId, found.invite_uuid) });
  const context = { account: { pk: userId, username: account?.username ?? '' } };
  await tellInvitation({ ctx, tx }, 'invitation_approval_requested', { id: found.invite_uuid, context });
}

/** What an invitation does to the account when it is there, in the transaction that wrote it. */
async function settleAccount(
  request: CommitRequest,
  { found, userId, promised }: Gift & { readonly promised: Promise<Promised> },
): Promise<void> {
  const { ctx, tx, data, createsUser } = request;
  if (found.restrict_to.length > 0) await checkAddress(request, found, (await lockAccount(tx, userId))?.email ?? '');
  await givePromised(ctx, tx, { found, userId, opened: data, promised });
  // It may be restricted between now and a later form (T06).
  if (found.restrict_to.length > 0 || writesAgain(request)) leaveAddress(request.plan, found);
  if (!createsUser) return;
  if (found.restrict_to.length > 0 && provesLater(request)) await waitForProof(request, userId);
  if (found.ends && (await putExpiry(tx, userId, found.invite_uuid))) await enqueue(tx, remindAccounts);
  if (found.approval) await holdForApproval(request, found, userId);
}

/** What must hold before anything is written. */
async function checkInvitation(request: CommitRequest, found: UsableInvitation): Promise<void> {
  const { ctx, data, session, writes, createsUser } = request;
  const proof = typeof data['proof'] === 'string' ? data['proof'] : '';
  if (!stillProves(ctx, found, proof)) throw invalidInvitation();
  // The account would be made only to be ended.
  if (createsUser && found.ended) throw invalidInvitation();
  if (!writes) await checkAddress(request, found, session.user?.email ?? '');
}

/**
 * The commit (contract part 2, 1.3): in the transaction that writes the user, or at the flow's completion, the
 * invitation is checked again and, if it is for one use, used up. Of any number of people one gets through.
 */
export const redeem: CommitStep = {
  name: REDEEM,
  // Also when an account is only changed: else one link would give its data to any number of people who never finish.
  onEveryWrite: true,
  async commit(request) {
    const { ctx, tx, flow, plan, session, data } = request;
    const { id } = data;
    if (typeof id !== 'string') throw invalidInvitation();
    const survivesCreator = ctx.config.invitationsSurviveInactiveCreator;
    const found = await invitations.consume(tx, { id, flow: flow.flow_uuid, survivesCreator });
    if (!found) throw invalidInvitation();
    await checkInvitation(request, found);
    settleData(request, found);
    leadOn(plan, found.redirect);
    if (found.approval && request.createsUser) {
      plan.set(accountHeld, true);
      plan.set(redirectTo, WAITING);
    }
    await tellInvitation({ ctx, tx }, 'invitation_used', { id, user: session.user });
    const use = { id, clientIp: ctx.clientIp };
    if (!request.writes) return invitations.recordUse(tx, { ...use, userId: undefined });
    // Asked for now, so that the answer is there when the account is.
    const promised = findPromised(tx, id);
    promised.catch(() => undefined);
    return async ({ userId }) => {
      invitations.recordUse(tx, { ...use, userId });
      await settleAccount(request, { found, userId, promised });
    };
  },
};
