import type { Context } from '../../kernel/context.ts';
import type { Registry } from '../../kernel/feature.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { failuresOfAddress, insist, look, take } from '../limits/index.ts';
import { accessDenied, redirectChallenge } from './challenges.ts';
import { flowTokenHash, restoreFlowToken } from './flow-token.ts';
import { INVALID_NEXT, finishTarget, localTarget } from './next-url.ts';
import { PlanDraft, isRestored } from './plan.ts';
import type { Plan } from './plan.ts';
import { planFlow } from './planner.ts';
import { answerChallenge, personOf } from './run.ts';
import type { FlowAnswer, Run } from './run.ts';
import { planOf, sameLink } from './session-state.ts';
import { stage } from './stage.ts';
import { usedLink } from './used-link.ts';

const GENERIC_DENIAL = 'Flow does not apply to current user.';
/** The query key of a link that restores a saved plan. */
export const FLOW_TOKEN = 'flow_token';

/** The query keys that identify a link: those that stages call their own, and the flow token's. */
export function linkKeys(registry: Registry): string[] {
  return [...registry.all(stage).flatMap((found) => Object.keys(found.linkKeys)), FLOW_TOKEN];
}

/** Of a query only what stages call their own, as it was given: what a first page is about. */
export function linkParams(registry: Registry, query: URLSearchParams): URLSearchParams {
  const link = new URLSearchParams();
  for (const key of new Set(registry.all(stage).flatMap((found) => Object.keys(found.linkKeys)))) {
    const value = query.get(key);
    if (value) link.set(key, value);
  }
  return link;
}

/** The link a request names: the query keys that stages call their own, in canonical form, and the flow token. */
export function linkOf(registry: Registry, params: URLSearchParams): JsonObject {
  const link: { [key: string]: string } = {};
  for (const { linkKeys } of registry.all(stage)) {
    for (const [key, canonical] of Object.entries(linkKeys)) {
      const value = params.get(key);
      if (value) link[key] = canonical(value);
    }
  }
  const token = params.get(FLOW_TOKEN);
  return token ? { ...link, [FLOW_TOKEN]: token } : link;
}

/**
 * Names the link of a plan without telling it: what a page's form sends along, so that it is not taken for the answer to
 * another link's plan in the same browser (D17, T18). Empty for a plan without a link.
 */
export function linkMark({ vault }: Pick<Context, 'vault'>, plan: Plan | undefined): string {
  const link = Object.entries(plan?.link ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return link.length === 0 ? '' : vault.fingerprint(JSON.stringify(link), 'form-of-link');
}

/**
 * The query of a page whose address lost its link on the way (T08), with the link of the plan that goes on there: a
 * stage may ask for it at any place of the flow, and a restart asks for it again.
 */
export function queryWithLink(registry: Registry, query: string, plan: Plan | undefined): string {
  const params = new URLSearchParams(query);
  if (!plan || Object.keys(linkOf(registry, params)).length > 0) return query;
  for (const [key, value] of Object.entries(plan.link)) if (typeof value === 'string') params.set(key, value);
  return params.toString();
}

/** Somebody signed in who opens a sign-in has finished it. */
async function answerSignedIn(run: Run): Promise<FlowAnswer> {
  const target = finishTarget(run.params);
  if (target !== undefined) return answerChallenge(run, redirectChallenge(target));
  return answerChallenge(run, accessDenied(run.request.flow, await personOf(run, undefined), INVALID_NEXT));
}

/** Contract part 2, section 7: what a visitor gets to whom the flow does not apply. */
async function notApplicable(run: Run, messages: readonly string[]): Promise<FlowAnswer> {
  const { flow, outerNext } = run.request;
  const next = outerNext === undefined ? undefined : localTarget(outerNext);
  const isSignedIn = flow.designation === 'authentication' && run.session.user !== undefined;
  if (isSignedIn) return answerSignedIn(run);
  if (flow.denied_action !== 'message' && next) return answerChallenge(run, redirectChallenge(next));
  if (flow.denied_action === 'continue') return answerChallenge(run, redirectChallenge('/'));
  const message = messages.join('\n') || GENERIC_DENIAL;
  return answerChallenge(run, accessDenied(flow, await personOf(run, undefined), message));
}

export type Begun =
  | { readonly kind: 'answer'; readonly answer: FlowAnswer }
  | { readonly kind: 'plan'; readonly draft: PlanDraft; readonly isNew: boolean };

async function restore(run: Run, link: JsonObject): Promise<Plan | undefined> {
  const { ctx, flow } = run.request;
  const token = link[FLOW_TOKEN];
  if (typeof token !== 'string') return undefined;
  // Counted before it is answered; beyond the limit the right one is refused as well, from the same network.
  const limit = failuresOfAddress(ctx, 'flow.link');
  insist(await look(ctx, limit));
  const saved = await restoreFlowToken(ctx, flow.flow_uuid, token);
  if (!saved) insist(await take(ctx, limit));
  return saved;
}

/** What to tell who opens a link that was used up, where somebody knows it. */
async function toldOfLink({ request: { ctx, flow } }: Run, link: JsonObject): Promise<string | undefined> {
  const token = link[FLOW_TOKEN];
  if (typeof token !== 'string') return undefined;
  for (const one of ctx.registry.all(usedLink)) {
    const words = await one.find(ctx, flow, flowTokenHash(ctx, token));
    if (words !== undefined) return words;
  }
  return undefined;
}

/** A fresh plan for this visitor, with `context` in it; or what they get when the flow does not apply. */
export async function beginPlan(run: Run, context: JsonObject, useCache: boolean): Promise<Begun> {
  const { ctx, flow } = run.request;
  const link = linkOf(ctx.registry, run.params);
  const planned = await planFlow({ ctx, flow, user: run.session.user, context, link, useCache });
  if (planned.kind === 'not_applicable') {
    return { kind: 'answer', answer: await notApplicable(run, planned.messages) };
  }
  return { kind: 'plan', draft: new PlanDraft(planned.plan), isNew: true };
}

/** Plans with what a flow token saved: its context, its commit steps and the bindings it had left. */
async function beginRestored(run: Run, saved: Plan): Promise<Begun> {
  const context = { ...saved.context, [isRestored.name]: true };
  const begun = await beginPlan(run, context, false);
  if (begun.kind === 'answer') return begun;
  const left = new Set(saved.bindings.map((binding) => binding.binding));
  const plan = begun.draft.plan;
  const bindings = plan.bindings.filter((binding) => saved.bindings.length === 0 || left.has(binding.binding));
  return { ...begun, draft: new PlanDraft({ ...plan, bindings, commits: saved.commits }) };
}

/**
 * The plan this request works on: the session's, unless it is of another flow or was begun with another link; else a
 * restored or a fresh one (contract part 2, section 4, steps 2 to 5).
 */
export async function findOrBeginPlan(run: Run): Promise<Begun> {
  const { ctx, flow } = run.request;
  const stored = planOf(run.session.state);
  const link = linkOf(ctx.registry, run.params);
  const own = stored && stored.flow === flow.flow_uuid && sameLink(stored, link) ? stored : undefined;
  if (own) return { kind: 'plan', draft: new PlanDraft(own), isNew: false };
  const saved = await restore(run, link);
  // The session's plan lends it nothing: it may be another person's, and the link is pinned to its user (T18, A05).
  if (saved) return beginRestored(run, saved);
  const told = await toldOfLink(run, link);
  if (told !== undefined) {
    const body = accessDenied(run.request.flow, await personOf(run, undefined), told);
    return { kind: 'answer', answer: answerChallenge(run, body) };
  }
  return beginPlan(run, {}, true);
}
