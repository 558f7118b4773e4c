import { provenEmail } from '../../../core/flows/index.ts';
import type { CommitStep, PlanDraft } from '../../../core/flows/index.ts';
import type { Json } from '../../../kernel/schema/types.ts';
import { lockAccount } from './accept/store.ts';
import { isAllowedAddress, normalAddress } from './address.ts';
import { otherAddress } from './errors.ts';

const ADDRESS = 'invitation-address';

const textsOf = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** Leaves the step in the plan of an invitation that is for these addresses only. */
export function leaveAddress(plan: PlanDraft, restrictTo: readonly string[]): void {
  plan.leaveCommit({ name: ADDRESS, data: { restrict_to: [...restrictTo] } });
}

/**
 * For whom an invitation is holds for all that its flow writes: a form after the account was made changes no address to
 * one that it is not for (E08). Left again each time, because a step runs once.
 */
export const keepAddress: CommitStep = {
  name: ADDRESS,
  onEveryWrite: true,
  async commit({ tx, plan, data, writes }) {
    if (!writes) return undefined;
    plan.leaveCommit({ name: ADDRESS, data });
    return async ({ userId }) => {
      const account = await lockAccount(tx, userId);
      const proved = plan.get(provenEmail);
      const email = account?.email ?? '';
      const isProved = proved === undefined || normalAddress(proved) === normalAddress(email);
      if (!isProved || !isAllowedAddress(textsOf(data['restrict_to']), email)) throw otherAddress();
    };
  },
};
