import { openFields } from '../../../../core/flows/index.ts';
import { groupPolicy } from '../../../../core/groups/index.ts';
import { rolePolicy } from '../../../../core/roles/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';
import { Problem } from '../../../../kernel/own-api/index.ts';
import type { ValueProblem } from '../../../../kernel/own-api/index.ts';
import { isJsonObject } from '../../../../kernel/schema/types.ts';
import type { Json } from '../../../../kernel/schema/types.ts';
import { formatDuration, parseDuration } from '../v1/duration.ts';
import type { InvitationInput } from '../v1/fields.ts';
import type { InvitationRow } from '../v1/store.ts';
import type { Limits } from './limits.ts';
import { tooManyOpen, tooManyToday } from './problems.ts';
import * as store from './store.ts';

type Place = { readonly ctx: RequestContext; readonly db: Queryable };

/** An invitation as it would be, whole: also what was there before is judged anew. */
export type Judged = {
  readonly limits: Limits;
  readonly input: InvitationInput;
  readonly flow: string | null;
  readonly before: InvitationRow | undefined;
  /** By the database's clock, which also says when it was made. */
  readonly now: number;
};

// Between the moment that a page or a client computed the expiry from, and this one.
const LEEWAY_MS = 60_000;

const over = (pointer: string, detail: string): ValueProblem => ({ pointer, code: 'over_limit', detail });
const notAllowed = (pointer: string, detail: string): ValueProblem => ({ pointer, code: 'not_allowed', detail });

function flowProblems({ limits, flow }: Judged): ValueProblem[] {
  if (flow !== null && limits.flows.has(flow)) return [];
  const slugs = [...limits.flows.values()].toSorted().join(', ');
  return [notAllowed('/flow', slugs === '' ? 'You may invite into no flow.' : `You may invite into: ${slugs}.`)];
}

function timeProblems({ limits, input, before, now }: Judged): ValueProblem[] {
  const latest = (before ? Date.parse(before.created) : now) + limits.maxLifetime * 1000 + LEEWAY_MS;
  const found: ValueProblem[] = [];
  if (input.expires === null || Date.parse(input.expires) > latest) {
    const most = limits.maxLifetime > 0 ? formatDuration(limits.maxLifetime) : 'PT0S';
    found.push(over('/expires', `It must expire within ${most} of its making.`));
  }
  const { maxAccountLifetime: life } = limits;
  if (life === null) return found;
  const { account_expires: end } = input;
  const seconds = end === null ? Infinity : (parseDuration(end) ?? (Date.parse(end) - now) / 1000);
  if (seconds > life) {
    found.push(over('/account_expires', `The account must end, within ${life > 0 ? formatDuration(life) : 'PT0S'}.`));
  }
  return found;
}

function plainProblems({ limits, input }: Judged): ValueProblem[] {
  const found: ValueProblem[] = [];
  if (input.max_uses === null || input.max_uses > limits.maxUses) {
    found.push(over('/max_uses', `It must say how often it works, at most ${limits.maxUses}.`));
  }
  if (limits.approval && !input.approval) found.push(notAllowed('/approval', 'Somebody has to approve the account.'));
  if (limits.mayMail) return found;
  if (input.recipients.length > 0) found.push(notAllowed('/recipients', 'You may not have mails sent.'));
  if (input.reminders.length > 0) found.push(notAllowed('/reminders', 'You may not have mails sent.'));
  return found;
}

/** Groups and roles: of the list, and none that makes anybody stronger than the inviter (A23). */
async function giftProblems({ ctx, db }: Place, { limits, input }: Judged): Promise<ValueProblem[]> {
  const { actor } = ctx;
  const found: ValueProblem[] = [];
  for (const { name, ids, allowed, policy } of [
    { name: 'groups', ids: input.groups, allowed: limits.groups, policy: groupPolicy },
    { name: 'roles', ids: input.roles, allowed: limits.roles, policy: rolePolicy },
  ]) {
    for (const [at, id] of ids.entries()) {
      if (allowed.has(id) && (await policy.mayShape(db, actor, id))) continue;
      const detail = 'There is no such one, or you may not give it.';
      found.push({ pointer: `/${name}/${at}`, code: 'not_yours_to_give', detail });
    }
  }
  return found;
}

function pathsOf(value: Json, path: string): string[] {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, path === '' ? key : `${path}.${key}`));
}

/** Only what the person could type themselves, and the attributes that the role lists (T11). */
async function dataProblems({ ctx, db }: Place, { limits, input, flow }: Judged): Promise<ValueProblem[]> {
  const data = input.fixed_data;
  if (Object.keys(data).length === 0) return [];
  const open = new Set<string>();
  if (flow !== null) {
    for (const { list } of ctx.registry.all(openFields)) for (const key of await list(db, flow)) open.add(key);
  }
  const listed = [...limits.attributes].map((name) => `attributes.${name}`);
  const mayFill = (path: string): boolean =>
    open.has(path) || listed.some((name) => path === name || path.startsWith(`${name}.`));
  return pathsOf(data, '')
    .filter((path) => !mayFill(path))
    .map((path) => notAllowed('/fixed_data', `You may not fill in ${path}.`));
}

/** What an inviter within limits may not do of it, all at once. */
export async function overLimits(place: Place, judged: Judged): Promise<ValueProblem[]> {
  return [
    ...flowProblems(judged),
    ...timeProblems(judged),
    ...plainProblems(judged),
    ...(await giftProblems(place, judged)),
    ...(await dataProblems(place, judged)),
  ];
}

/**
 * Counts what the inviter has open and has made within a day, before one more is made, or opened again. Of any number of
 * requests at once no more get through than the limits say.
 * @throws Problem 409, 429
 */
export async function checkCounts(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  { limits, before }: Pick<Judged, 'limits' | 'before'>,
): Promise<void> {
  const userId = ctx.actor?.id;
  if (userId === undefined || before?.state === 'pending') return;
  await store.lockInviter(tx, userId);
  const { open, today, secondsLeft } = await store.countMade(tx, userId);
  if (!before && today >= limits.perDay) {
    throw new Problem(tooManyToday, { headers: { 'retry-after': String(Math.max(1, secondsLeft)) } });
  }
  if (open >= limits.openInvitations) throw new Problem(tooManyOpen);
}
