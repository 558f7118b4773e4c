import { provenEmail } from '../../../core/flows/index.ts';
import type { CommitStep, PlanDraft } from '../../../core/flows/index.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { textsOf } from '../../../kernel/schema/types.ts';
import type { Json } from '../../../kernel/schema/types.ts';
import { lockAccount } from './accept/store.ts';
import { isAllowedAddress, normalAddress } from './address.ts';
import { otherAddress } from './errors.ts';
import * as invitations from './store.ts';
import type { UsableInvitation } from './store.ts';

/** The name of the commit step. */
export const ADDRESS = 'invitation-address';

// Of one whose history is gone what it said at the commit counts.
async function findRestriction(tx: Transaction, id: Json | undefined): Promise<readonly string[] | undefined> {
  return typeof id === 'string' ? invitations.findRestriction(tx, id) : undefined;
}

/** Leaves the step in the plan of an invitation that is for some addresses only, or may be by the next write. */
export function leaveAddress(plan: PlanDraft, { invite_uuid: id, restrict_to: addresses }: UsableInvitation): void {
  plan.leaveCommit({ name: ADDRESS, data: { id, restrict_to: [...addresses] } });
}

/**
 * For whom an invitation is, by now (T06), holds for all that its flow writes: a form after the account was made changes
 * no address to one that it is not for (E08). Left again each time, because a step runs once.
 */
export const keepAddress: CommitStep = {
  name: ADDRESS,
  onEveryWrite: true,
  async commit({ tx, plan, data, writes }) {
    if (!writes) return undefined;
    plan.leaveCommit({ name: ADDRESS, data });
    return async ({ userId }) => {
      const allowed = (await findRestriction(tx, data['id'])) ?? textsOf(data['restrict_to']);
      if (allowed.length === 0) return;
      const account = await lockAccount(tx, userId);
      const proved = plan.get(provenEmail);
      const email = account?.email ?? '';
      const isProved = proved === undefined || normalAddress(proved) === normalAddress(email);
      if (!isProved || !isAllowedAddress(allowed, email)) throw otherAddress();
    };
  },
};
