import type { Context } from '../../kernel/context.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { evaluatePolicies, judgeBindings } from '../policies/index.ts';
import type { SessionUser } from '../sessions/index.ts';
import { PlanDraft, isRedirected, isRestored, pendingUser } from './plan.ts';
import type { Plan, PlanBinding } from './plan.ts';
import * as store from './store.ts';
import type { FlowRow } from './store.ts';

export type PlanRequest = {
  readonly ctx: Context;
  readonly flow: FlowRow;
  /** The session's user; a Bearer token counts only for who asks for a plan by `execute` (contract D15). */
  readonly user: SessionUser | undefined;
  readonly context: JsonObject;
  readonly link: JsonObject;
  /** Restart and `execute` bypass the cache. */
  readonly useCache: boolean;
};

export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'not_applicable'; readonly messages: readonly string[] };

type Requirement = (request: PlanRequest, draft: PlanDraft) => boolean;

/** Contract part 2, section 6. Outposts do not exist here, so what asks for one applies to nobody. */
const requirements: { readonly [authentication: string]: Requirement } = {
  none: () => true,
  require_authenticated: ({ user }) => user !== undefined,
  require_unauthenticated: ({ user }) => user === undefined,
  require_superuser: ({ user }) => user?.isSuperuser === true,
  require_redirect: (_request, draft) => draft.get(isRedirected) === true,
  require_outpost: () => false,
  require_token: (_request, draft) => draft.get(isRestored) === true,
};

/** Whether the flow's authentication requirement lets this visitor in; an unknown requirement lets nobody in. */
function meetsRequirement(request: PlanRequest): boolean {
  const requirement = requirements[request.flow.authentication];
  return requirement?.(request, draftOf(request)) ?? false;
}

function draftOf(request: PlanRequest): PlanDraft {
  return new PlanDraft(newPlan(request, []));
}

function newPlan(request: PlanRequest, bindings: readonly PlanBinding[]): Plan {
  const { flow, context, link } = request;
  return {
    flow: flow.flow_uuid,
    slug: flow.slug,
    bindings,
    context,
    commits: [],
    link,
    restarts: 0,
  };
}

/** The stages to pass; undefined when a policy broke, so that nobody knows which (A08). */
async function planBindings(
  request: PlanRequest,
  userId: number | undefined,
): Promise<readonly PlanBinding[] | undefined> {
  const { ctx, flow, context } = request;
  const planned: PlanBinding[] = [];
  for (const { evaluateOnPlan, ...binding } of await store.listBindings(ctx.db, flow.flow_uuid)) {
    if (evaluateOnPlan) {
      const question = { target: binding.policyTarget, mode: binding.policyMode, request: { ctx, userId, context } };
      const verdict = await evaluatePolicies(question);
      if (verdict.broken) return undefined;
      if (!verdict.passing) continue;
    }
    planned.push(binding);
  }
  return planned;
}

/** The bindings, from the plan cache where that is allowed. */
async function cachedBindings(
  request: PlanRequest,
  { userId, userKey, bindings: cached }: Known,
): Promise<readonly PlanBinding[] | undefined> {
  const { ctx, flow, useCache } = request;
  if (!useCache || flow.designation === 'stage_configuration') return planBindings(request, userId);
  if (cached) return cached;
  const bindings = await planBindings(request, userId);
  if (bindings) await store.cachePlan(ctx.db, { flow: flow.flow_uuid, userKey, bindings });
  return bindings;
}

/** For whom is planned, and what is known beforehand. */
type Known = store.Planning & { readonly userId: number | undefined; readonly userKey: string };

/**
 * Plans a flow for a visitor (contract part 2, section 6): authentication requirement, the flow's policies, then the
 * bindings in ascending order.
 */
export async function planFlow(request: PlanRequest): Promise<Planned> {
  const { ctx, flow, context } = request;
  if (!meetsRequirement(request)) return { kind: 'not_applicable', messages: [] };
  const userId = draftOf(request).get(pendingUser) ?? request.user?.id;
  const whose = { userId, userKey: userId === undefined ? 'anonymous' : String(userId) };
  const planning = await store.findPlanning(ctx.db, flow, whose);
  const question = { mode: flow.policy_engine_mode, request: { ctx, userId, context } };
  const verdict = await judgeBindings(planning.policies, question);
  if (!verdict.passing) return { kind: 'not_applicable', messages: verdict.messages };
  const bindings = await cachedBindings(request, { ...planning, ...whose });
  return bindings ? { kind: 'plan', plan: newPlan(request, bindings) } : { kind: 'not_applicable', messages: [] };
}
