import type { RequestContext } from '../../../../kernel/context.ts';
import { databaseNow } from '../../../../kernel/db/now.ts';
import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';
import { Problem, invalidFields, parse, problems } from '../../../../kernel/own-api/index.ts';
import type { ValueProblem } from '../../../../kernel/own-api/index.ts';
import { columnsOf, writableOf } from './columns.ts';
import { invitationInput } from './fields.ts';
import type { InvitationInput } from './fields.ts';
import { checkCounts, overLimits } from '../inviters/judge.ts';
import { limitsFor } from '../inviters/limits.ts';
import type { Doing, Limits } from '../inviters/limits.ts';
import { refusedGifts } from './rights.ts';
import * as store from './store.ts';
import type { Columns, InvitationRow } from './store.ts';

type Place = { readonly ctx: RequestContext; readonly tx: Transaction };
type Reading = { readonly ctx: RequestContext; readonly db: Queryable };

/** What the checks ask the database. */
export type Looks = {
  /** Milliseconds, by the database's clock (R13). */
  now(): Promise<number>;
  flow(text: string): Promise<store.FlowName | undefined>;
  /** What of the groups and roles the caller may not give. */
  refused(gifts: Pick<InvitationInput, 'groups' | 'roles'>): Promise<ValueProblem[]>;
};

function lookIn({ ctx, db }: Reading): Looks {
  return {
    now: () => databaseNow(db),
    flow: (text) => store.findFlow(db, text),
    refused: (gifts) => refusedGifts(ctx, db, gifts),
  };
}

/** Asks each thing once: for many invitations that are judged in a moment. */
export function lookOnce(place: Reading): Looks {
  const looks = lookIn(place);
  const flows = new Map<string, ReturnType<Looks['flow']>>();
  const refusals = new Map<string, ReturnType<Looks['refused']>>();
  let now: Promise<number> | undefined;
  return {
    now: () => (now ??= looks.now()),
    flow: (text) => remembered(flows, text, () => looks.flow(text)),
    refused: ({ groups, roles }) =>
      remembered(refusals, [...groups, '', ...roles].join(' '), () => looks.refused({ groups, roles })),
  };
}

function remembered<T>(known: Map<string, T>, key: string, find: () => T): T {
  const present = known.get(key);
  if (present !== undefined) return present;
  const found = find();
  known.set(key, found);
  return found;
}

type Judging = Reading & { readonly looks?: Looks | undefined };

type Judged = {
  readonly columns: Columns;
  /** Of the flow. */
  readonly slug: string | null;
  /** Within which the caller invites; undefined: without. */
  readonly limits: Limits | undefined;
};

const NO_LIMITS =
  'You may invite within limits, but no limits are set for any role of yours. Ask an administrator to set them.';

/** As {@link limitsFor}. @throws Problem 403 for who may invite within limits that nobody has set */
async function setLimits({ ctx, db }: Reading, doing: Doing): Promise<Limits | undefined> {
  const limits = await limitsFor(ctx, db, doing);
  if (limits?.areSet === false) throw new Problem(problems.forbidden, { detail: NO_LIMITS });
  return limits;
}

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
 * Checks what only the database and the caller's rights tell, everything at once. Also what was given before is judged:
 * who changes whom an invitation is for must be able to give what it gives. Of who invites within limits all of it is
 * judged by these, but for their counts.
 * @param before the invitation as it is; absent for a new one
 * @throws Problem 422; 403 where limits must be set and are not
 */
export async function judgeInput(
  { ctx, db, looks = lookIn({ ctx, db }) }: Judging,
  input: InvitationInput,
  before?: InvitationRow,
): Promise<Judged> {
  const [now, named] = await Promise.all([looks.now(), input.flow === null ? null : looks.flow(input.flow)]);
  const flow = named === null ? null : named?.id;
  const limits = await setLimits({ ctx, db }, before ? { verb: 'change', invitation: before.id } : { verb: 'make' });
  const errors: ValueProblem[] = [
    ...expiryProblems(now, input, before),
    ...(flow === undefined ? [{ pointer: '/flow', code: 'not_found', detail: 'There is no such flow.' }] : []),
    ...limitProblems(input, before),
    ...(limits
      ? await overLimits({ ctx, db }, { limits, input, flow: flow ?? null, before, now })
      : await looks.refused(input)),
  ];
  if (errors.length > 0) throw invalidFields(errors);
  return { columns: columnsOf(input, flow ?? null), slug: named?.slug ?? null, limits };
}

/** The same with the counts of who invites within limits. @throws Problem 422, 409, 429 */
export async function checkInput({ ctx, tx }: Place, input: InvitationInput, before?: InvitationRow): Promise<Judged> {
  const judged = await judgeInput({ ctx, db: tx }, input, before);
  if (judged.limits) await checkCounts({ ctx, tx }, { limits: judged.limits, before });
  return judged;
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

/** Within which limits the caller may still give what an invitation is and gives; see {@link checkKept}. */
async function keptLimits(
  { ctx, db }: Reading,
  before: InvitationRow,
  { verb, changed = {} }: Kept,
): Promise<Limits | undefined> {
  const limits = await setLimits({ ctx, db }, { verb, invitation: before.id });
  if (!limits) {
    if ((await refusedGifts(ctx, db, before)).length > 0) throw new Problem(problems.forbidden);
    return undefined;
  }
  if (verb === 'mail' && !limits.mayMail) throw new Problem(problems.forbidden);
  const input = { ...parse(invitationInput, writableOf(before)), ...changed };
  const now = await databaseNow(db);
  const found = await overLimits({ ctx, db }, { limits, input, flow: before.flow_id, before, now });
  if (found.length > 0) throw invalidFields(found);
  return limits;
}

/**
 * Checks that the caller may still give what an invitation is and gives, as an extension would leave it.
 * @throws Problem 403; of who invites within limits 422, 409
 */
export async function checkKept(
  { ctx, tx }: Place,
  before: InvitationRow,
  changed: NonNullable<Kept['changed']> = {},
): Promise<void> {
  const limits = await keptLimits({ ctx, db: tx }, before, { verb: 'change', changed });
  if (limits) await checkCounts({ ctx, tx }, { limits, before });
}

/** Checks the same of one that is pending and is to be mailed. @throws Problem 403; of who invites within limits 422 */
export async function checkMailed(place: Reading, before: InvitationRow): Promise<void> {
  await keptLimits(place, before, { verb: 'mail' });
}
