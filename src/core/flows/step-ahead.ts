import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import type { Session } from '../sessions/index.ts';
import { PlanDraft, pendingUser } from './plan.ts';
import { planOf } from './session-state.ts';
import { stage } from './stage.ts';
import type { AnyStage } from './stage.ts';
import { findFlow, findFlowWithStep } from './store.ts';
import type { FlowRow, Step, StepKey } from './store.ts';

// A request may take its time over the body: what was read before is read again when it took longer than this.
const FRESH_MS = 1000;

/** A step that was read before it was known that it is the one to run. */
export class StepAhead {
  readonly #key: StepKey;
  readonly #at = performance.now();
  #step: Step | undefined;

  constructor(key: StepKey, step: Step) {
    this.#key = key;
    this.#step = step;
  }

  /** The step, once and while it is fresh; undefined when another one is asked for. */
  take({ binding, userId }: StepKey): Step | undefined {
    const step = this.#step;
    const isIt = binding.binding === this.#key.binding.binding && binding.stage === this.#key.binding.stage;
    if (!isIt || userId !== this.#key.userId || performance.now() - this.#at > FRESH_MS) return undefined;
    this.#step = undefined;
    return step;
  }
}

export type FlowAhead = { readonly flow: FlowRow; readonly ahead: StepAhead | undefined };

/** Where a plan stands. */
export type Standing = { readonly stage: AnyStage | undefined; readonly key: StepKey };

/** The step at which a session's plan of that flow stands; undefined when it has none. */
export function standingOf({ registry }: Context, session: Session, slug: string): Standing | undefined {
  const plan = planOf(session.state);
  const [binding] = plan?.slug === slug ? plan.bindings : [];
  if (!plan || !binding) return undefined;
  const userId = new PlanDraft(plan).get(pendingUser) ?? session.user?.id;
  return { stage: registry.find(stage, binding.type), key: { binding, userId } };
}

/** The flow of that slug, and in the same statement the step that a plan of it stands at. */
export async function findFlowAhead(
  db: Queryable,
  slug: string,
  standing: Standing | undefined,
): Promise<FlowAhead | undefined> {
  if (!standing) {
    const flow = await findFlow(db, slug);
    return flow && { flow, ahead: undefined };
  }
  const { stage: source, key } = standing;
  const found = await findFlowWithStep(db, slug, { source, key });
  if (!found) return undefined;
  const { settings, policies, ...flow } = found;
  return { flow, ahead: new StepAhead(key, { settings, policies }) };
}
