import type { RequestContext } from '../../../../kernel/context.ts';
import { databaseNow } from '../../../../kernel/db/now.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { Problem, invalidFields, parse, problems } from '../../../../kernel/own-api/index.ts';
import type { ValueProblem } from '../../../../kernel/own-api/index.ts';
import { columnsOf, writableOf } from './columns.ts';
import { invitationInput } from './fields.ts';
import type { InvitationInput } from './fields.ts';
import { checkCounts, overLimits } from '../inviters/judge.ts';
import { limitsFor } from '../inviters/limits.ts';
import { refusedGifts } from './rights.ts';
import * as store from './store.ts';
import type { Columns, InvitationRow } from './store.ts';

type Place = { readonly ctx: RequestContext; readonly tx: Transaction };

const isPast = (now: number, instant: string | null): boolean => instant !== null && Date.parse(instant) <= now;

const past = (pointer: string): ValueProblem => ({ pointer, code: 'past', detail: 'This is over already.' });

function limitProblems({ max_uses: limit }: InvitationInput, before: InvitationRow | undefined): ValueProblem[] {
  if (!before || limit === null || limit === before.max_uses || limit > before.uses) return [];
  const detail = `It was used ${before.uses} times already, so the limit must be higher; revoke it to end it.`;
  return [{ pointer: '/max_uses', code: 'below_uses', detail }];
}

function expiryProblems(now: number, input: InvitationInput, before: InvitationRow | undefined): ValueProblem[] {
  const { expires, account_expires: account } = input;
  return [
    ...(expires !== before?.expires && isPast(now, expires) ? [past('/expires')] : []),
    ...(account !== before?.account_expires &&
    account?.includes('T') === true &&
    !account.startsWith('P') &&
    isPast(now, account)
      ? [past('/account_expires')]
      : []),
  ];
}

/**
 * Checks what only the database and the caller's rights tell, everything at once. Throws 422. Also what was given before
 * is judged: who changes whom an invitation is for must be able to give what it gives. Of who invites within limits all of
 * it is judged by these.
 * @param before the invitation as it is; absent for a new one
 */
export async function checkedColumns(place: Place, input: InvitationInput, before?: InvitationRow): Promise<Columns> {
  const { ctx, tx } = place;
  const now = await databaseNow(tx);
  const flow = input.flow === null ? null : await store.findFlowId(tx, input.flow);
  const limits = await limitsFor(ctx, tx, before ? { verb: 'change', invitation: before.id } : { verb: 'make' });
  const errors: ValueProblem[] = [
    ...expiryProblems(now, input, before),
    ...(flow === undefined ? [{ pointer: '/flow', code: 'not_found', detail: 'There is no such flow.' }] : []),
    ...limitProblems(input, before),
    ...(limits
      ? await overLimits(place, { limits, input, flow: flow ?? null, before, now })
      : await refusedGifts(ctx, tx, input)),
  ];
  if (errors.length > 0) throw invalidFields(errors);
  if (limits) await checkCounts(place, { limits, before });
  return columnsOf(input, flow ?? null);
}

/** Changes an invitation as the input says, and opens it again where that takes back what had ended it. */
export async function changeInvitation(
  { tx }: Place,
  before: InvitationRow,
  { input, columns }: { readonly input: InvitationInput; readonly columns: Columns },
): Promise<void> {
  const { id } = before;
  await store.updateInvitation(tx, id, columns);
  await store.replaceGifts(tx, id, input);
  if (input.expires !== before.expires) await store.renewExpiry(tx, id);
  if (input.max_uses !== before.max_uses) await store.renewLimit(tx, id);
}

type Kept = {
  /** What is done to it, besides the change. */
  readonly verb: 'change' | 'mail';
  readonly changed?: Partial<Pick<InvitationInput, 'expires' | 'max_uses'>>;
};

/**
 * Checks that the caller may still give what an invitation is and gives, as an extension would leave it.
 * @throws Problem 403; of who invites within limits 422, 409
 */
export async function checkKept(place: Place, before: InvitationRow, { verb, changed = {} }: Kept): Promise<void> {
  const { ctx, tx } = place;
  const limits = await limitsFor(ctx, tx, { verb, invitation: before.id });
  if (!limits) {
    if ((await refusedGifts(ctx, tx, before)).length > 0) throw new Problem(problems.forbidden);
    return;
  }
  if (verb === 'mail' && !limits.mayMail) throw new Problem(problems.forbidden);
  const input = { ...parse(invitationInput, writableOf(before)), ...changed };
  const now = await databaseNow(tx);
  const found = await overLimits(place, { limits, input, flow: before.flow_id, before, now });
  if (found.length > 0) throw invalidFields(found);
  await checkCounts(place, { limits, before });
}
