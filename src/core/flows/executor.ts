import type { JsonObject } from '../../kernel/schema/types.ts';
import { judgeBindings } from '../policies/index.ts';
import { SessionConflict } from '../sessions/index.ts';
import { beginPlan, findOrBeginPlan } from './begin.ts';
import { accessDenied, flowInfo, redirectChallenge } from './challenges.ts';
import { endOf } from './ended.ts';
import { failFlow } from './failure.ts';
import { countStep, countingFaults } from './measures.ts';
import { INVALID_NEXT, finishTarget } from './next-url.ts';
import { PlanDraft, pendingUser, redirectTo } from './plan.ts';
import type { PlanBinding } from './plan.ts';
import { answerChallenge, answerNext, personOf, savePlan } from './run.ts';
import type { FlowAnswer, FlowRequest, Run } from './run.ts';
import { runCommits } from './commit.ts';
import { Denial, stage } from './stage.ts';
import type { AnyStage, Effect, LoginChange, Outcome } from './stage.ts';
import * as store from './store.ts';
import type { StepKey } from './store.ts';

const MAXIMUM_RESTARTS = 10;

/** Cancels the plan and says why; the next request starts from scratch. */
async function deny(run: Run, draft: PlanDraft | undefined, message: string): Promise<FlowAnswer> {
  const body = accessDenied(run.request.flow, await personOf(run, draft), message);
  if (run.session.uuid) await savePlan(run, undefined);
  return answerChallenge(run, body);
}

async function restart(run: Run, draft: PlanDraft, keepContext: boolean): Promise<FlowAnswer> {
  const { restarts, commits } = draft.plan;
  if (restarts >= MAXIMUM_RESTARTS) return deny(run, draft, '');
  const begun = await beginPlan(run, keepContext ? draft.plan.context : {}, false);
  if (begun.kind === 'answer') return begun.answer;
  const fresh = { ...begun.draft.plan, restarts: restarts + 1, commits: keepContext ? commits : [] };
  await savePlan(run, new PlanDraft(fresh));
  return answerNext(run);
}

function isRestart(binding: PlanBinding): boolean {
  return binding.invalidResponseAction !== 'retry';
}

const keepsContext = (binding: PlanBinding): boolean => binding.invalidResponseAction === 'restart_with_context';

/** A stage whose turn it is; a type that no feature brings, and a stage that is gone, have no settings. */
type Step = {
  readonly binding: PlanBinding;
  readonly stage: AnyStage | undefined;
  readonly settings: JsonObject | null;
};

/** As it was read ahead with the flow, or read now. */
function findStep({ request: { ctx, ahead } }: Run, found: AnyStage | undefined, key: StepKey): Promise<store.Step> {
  const known = ahead?.take(key);
  return known ? Promise.resolve(known) : store.findStep(ctx.db, found, key);
}

/** The next stage to show: bindings whose re-evaluated policies fail are left out (assertions 25 to 28). */
async function nextStep(run: Run, draft: PlanDraft): Promise<Step | undefined> {
  const { ctx } = run.request;
  const userId = draft.get(pendingUser) ?? run.session.user?.id;
  for (const binding of draft.plan.bindings) {
    const found = ctx.registry.find(stage, binding.type);
    const { settings, policies } = await findStep(run, found, { binding, userId });
    const step = { binding, stage: found, settings };
    if (!binding.reEvaluate) return step;
    const request = { ctx, userId, context: draft.plan.context };
    const verdict = await judgeBindings(policies, { mode: binding.policyMode, request });
    if (verdict.passing) return step;
    // A stage that may have to be passed is not left out because its policy broke (A08).
    if (verdict.broken) throw new Denial('');
  }
  return undefined;
}

/** Runs a stage's effect and saves the plan, in one transaction. */
async function runEffect(run: Run, draft: PlanDraft, effect: Effect): Promise<void> {
  await run.request.ctx.db.transaction(async (tx) => {
    let login: LoginChange | undefined;
    await effect({
      tx,
      commit: (options) => runCommits(run, draft, { tx, creates: options?.creates ?? true, writes: true }),
      login: (change) => {
        login = change;
      },
    });
    await savePlan(run, draft, { db: tx, ...(login === undefined ? {} : { login }) });
  });
}

/** Takes a passed stage out of the plan, with what the stage changes; what fails leaves the plan as it was. */
async function advance(run: Run, draft: PlanDraft, passed: { binding: PlanBinding; effect?: Effect }): Promise<void> {
  const before = draft.plan;
  draft.dropThrough(passed.binding);
  if (run.request.reply) draft.forgetRestarts();
  if (!passed.effect) return savePlan(run, draft);
  try {
    await runEffect(run, draft, passed.effect);
  } catch (error) {
    // A restart that keeps the context goes on with this plan: commit steps whose transaction was undone are due again.
    draft.rollBack(before);
    throw error;
  }
}

/** No bindings left (contract part 2, section 5). What is still to be committed is committed now. */
async function finish(run: Run, draft: PlanDraft): Promise<FlowAnswer> {
  const target = finishTarget(run.params);
  const redirect = draft.get(redirectTo);
  if (redirect === undefined && target === undefined) return deny(run, draft, INVALID_NEXT);
  const { ctx } = run.request;
  // A commit step may decide where to go.
  const to = (): string => draft.get(redirectTo) ?? target ?? '/';
  const end = () => (run.session.user ? { more: endOf(draft.plan, to()) } : {});
  if (draft.commits.length > 0) {
    await ctx.db.transaction(async (tx) => {
      await runCommits(run, draft, { tx, creates: true, writes: false });
      await savePlan(run, undefined, { db: tx, ...end() });
    });
  } else if (run.session.uuid) await savePlan(run, undefined, end());
  return answerChallenge(run, redirectChallenge(to()));
}

async function runStage(run: Run, draft: PlanDraft, { binding, stage: found, settings }: Step): Promise<Outcome> {
  const { ctx, flow, reply } = run.request;
  if (!found || !settings) throw new Denial('');
  const { params: query, session } = run;
  const place = { pk: binding.stage, name: binding.stageName };
  return found.run({ ctx, settings, stage: place, flow, plan: draft, session, query }, reply);
}

/** Where in a plan a request stands. */
type Place = { readonly draft: PlanDraft; readonly binding: PlanBinding };

/** The challenge as it goes out, with what every stage challenge carries. */
async function present(run: Run, place: Place, outcome: Exclude<Outcome, { kind: 'pass' }>): Promise<FlowAnswer> {
  const { draft, binding } = place;
  const component = run.request.ctx.registry.find(stage, binding.type)?.challengeComponent ?? '';
  const errors: JsonObject = outcome.kind === 'invalid' ? { response_errors: toJson(outcome.errors) } : {};
  const info = flowInfo(run.request.flow, await personOf(run, draft));
  return answerChallenge(run, { flow_info: info, component, ...errors, ...outcome.body });
}

const toJson = (errors: { readonly [field: string]: readonly { string: string; code: string }[] }) =>
  Object.fromEntries(Object.entries(errors).map(([field, list]) => [field, list.map((error) => ({ ...error }))]));

async function takeStage(run: Run, draft: PlanDraft, next: Step): Promise<FlowAnswer> {
  const { binding } = next;
  const before = draft.plan;
  const outcome = await runStage(run, draft, next);
  if (outcome.kind === 'pass') {
    if (outcome.effect && !run.session.uuid) await savePlan(run, draft);
    await advance(run, draft, { binding, ...(outcome.effect ? { effect: outcome.effect } : {}) });
    countStep(run, binding, 'pass');
    return answerNext(run);
  }
  countStep(run, binding, outcome.kind);
  if (outcome.kind === 'invalid' && isRestart(binding)) return restart(run, draft, keepsContext(binding));
  // A challenge that left something in the plan (a nonce, a counter of attempts) must find it again.
  if (draft.plan !== before || !run.session.uuid) await savePlan(run, draft);
  return present(run, { draft, binding }, outcome);
}

async function step(run: Run): Promise<FlowAnswer> {
  const begun = await findOrBeginPlan(run);
  if (begun.kind === 'answer') return begun.answer;
  const { draft, isNew } = begun;
  return orDeny(run, { draft, binding: undefined }, async () => {
    const next = await nextStep(run, draft);
    if (!next) return finish(run, draft);
    const { binding } = next;
    // The first request creates the session, so that its cookie can bring the plan back. A stage that shows nothing is
    // mostly passed, and then the plan is saved with that: one commit, not two.
    if (isNew && next.stage?.challengeComponent !== undefined) await savePlan(run, draft);
    return orDeny(run, { draft, binding }, () => countingFaults(run, binding, () => takeStage(run, draft, next)));
  });
}

/** Turns a thrown denial into its answer: a restart where the binding says so, else the denied challenge. */
async function orDeny(
  run: Run,
  { draft, binding }: { draft: PlanDraft; binding: PlanBinding | undefined },
  work: () => Promise<FlowAnswer>,
): Promise<FlowAnswer> {
  const saved = run.session;
  try {
    return await work();
  } catch (error) {
    run.session = saved;
    if (!(error instanceof Denial)) throw error;
    await error.afterwards?.();
    // Who is denied by a stage has a session, as who passes one.
    if (binding && !run.session.uuid) await savePlan(run, undefined);
    if (binding && isRestart(binding) && !error.final) return restart(run, draft, keepsContext(binding));
    return deny(run, draft, error.message);
  }
}

/**
 * The engine (contract part 2, section 4): one request of one visitor to one flow. Never names a stage.
 * @throws what the HTTP layer answers itself: a database that is gone, a full hashing queue
 */
export async function runFlow(request: FlowRequest): Promise<FlowAnswer> {
  const run: Run = { request, session: request.session, params: new URLSearchParams(request.query) };
  try {
    return await step(run);
  } catch (error) {
    // The same session was saved by a parallel request: its outcome stands, this one asks again.
    if (error instanceof SessionConflict) return { kind: 'next', session: request.session, crossed: true };
    return failFlow({ ...run, session: request.session }, error);
  }
}
