import { Denial } from '../../../../core/flows/index.ts';
import type { Arrival } from '../../../../core/flows/index.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { isAllowedAddress } from '../address.ts';
import { invalidInvitation, otherAddress } from '../errors.ts';
import { tellInvitation } from '../events.ts';
import { SECRET_KEY, proofOf } from '../proof.ts';
import { givePromised } from '../redeem.ts';
import { consume } from '../store.ts';
import type { UsableInvitation } from '../store.ts';
import { hasUsed, lockAccount, recordJoin } from './store.ts';

/** Joined; or the words of why not. */
export type Joined =
  { readonly kind: 'joined'; readonly redirect: string } | { readonly kind: 'refused'; readonly message: string };

// Undoes the transaction of somebody who pressed twice: an invitation counts once for each person.
class HasJoined extends Error {}

type Joining = { readonly arrival: Arrival; readonly id: string; readonly userId: number };

async function take(tx: Transaction, { arrival, id }: Joining): Promise<UsableInvitation> {
  const { ctx, flow, link } = arrival;
  const survivesCreator = ctx.config.invitationsSurviveInactiveCreator;
  const found = await consume(tx, { id, flow: flow.flow_uuid, survivesCreator });
  if (!found || proofOf(ctx, found, link.get(SECRET_KEY)) === undefined) throw invalidInvitation();
  // What somebody has to approve is approved before it is given, and an account that is there cannot wait for it.
  if (found.approval) throw invalidInvitation();
  return found;
}

async function joinIn(tx: Transaction, joining: Joining): Promise<UsableInvitation> {
  const { arrival, id, userId } = joining;
  const { ctx } = arrival;
  const found = await take(tx, joining);
  if (await hasUsed(tx, id, userId)) throw new HasJoined();
  const account = await lockAccount(tx, userId);
  if (!account?.active) throw invalidInvitation();
  if (!isAllowedAddress(found.restrict_to, account.email)) throw otherAddress();
  await givePromised(ctx, tx, { found, userId, opened: arrival.kept });
  await recordJoin(tx, { id, clientIp: ctx.clientIp, userId });
  await tellInvitation({ ctx, tx }, 'invitation_joined', { id, user: { id: userId, ...account } });
  return found;
}

/**
 * Uses an invitation with the account that the visitor is signed in with: it gets the groups and roles, and nothing else
 * of it changes (T09). Checked as at any other commit, in one transaction.
 */
export async function join(joining: Joining): Promise<Joined> {
  try {
    const found = await joining.arrival.ctx.db.transaction((tx) => joinIn(tx, joining));
    return { kind: 'joined', redirect: found.redirect };
  } catch (error) {
    if (error instanceof HasJoined) return { kind: 'joined', redirect: '' };
    if (error instanceof Denial) return { kind: 'refused', message: error.message };
    throw error;
  }
}
