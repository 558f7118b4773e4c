import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';
import type { Plan, PlanBinding } from './plan.ts';

const PLAN = 'flow_plan';

const isBinding = (value: Json): boolean =>
  isJsonObject(value) && typeof value.binding === 'string' && typeof value.stage === 'string';

// The state is sealed by this product alone, so the shape is only checked against plans of an older release.
function isPlan(value: Json | undefined): value is Json & Plan {
  return (
    isJsonObject(value) &&
    typeof value.flow === 'string' &&
    typeof value.slug === 'string' &&
    Array.isArray(value.bindings) &&
    value.bindings.every(isBinding) &&
    isJsonObject(value.context) &&
    Array.isArray(value.commits) &&
    isJsonObject(value.link) &&
    typeof value.restarts === 'number'
  );
}

/** The plan in a session, if there is one. */
export function planOf(state: JsonObject): Plan | undefined {
  const value = state[PLAN];
  return isPlan(value) ? value : undefined;
}

function bindingJson(binding: PlanBinding): JsonObject {
  return { ...binding };
}

function planJson(plan: Plan): JsonObject {
  return {
    ...plan,
    bindings: plan.bindings.map(bindingJson),
    commits: plan.commits.map((commit) => ({ ...commit })),
  };
}

/** The state with a plan. */
export function withPlan(state: JsonObject, plan: Plan): JsonObject {
  return { ...state, [PLAN]: planJson(plan) };
}

/** The state without a plan. */
export function withoutPlan(state: JsonObject): JsonObject {
  const { [PLAN]: _plan, ...rest } = state;
  return rest;
}

/** Whether a plan was begun with the link of this request; a request that names none goes on with the plan (D17). */
export function sameLink(plan: Pick<Plan, 'link'>, link: JsonObject): boolean {
  return Object.entries(link).every(([key, value]) => plan.link[key] === value);
}

/** A plan from JSON, undefined when it is of another shape. */
export function readPlan(value: Json): Plan | undefined {
  return isPlan(value) ? value : undefined;
}

/** A plan as JSON text. */
export function writePlan(plan: Plan): string {
  return JSON.stringify(planJson(plan));
}
