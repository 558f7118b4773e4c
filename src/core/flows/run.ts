import type { RequestContext } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { saveSession } from '../sessions/index.ts';
import type { Session, SessionChange } from '../sessions/index.ts';
import { avatarOf, findUser } from '../users/index.ts';
import type { ChallengeBody, Person } from './challenges.ts';
import { pendingUser, pendingUserIdentifier } from './plan.ts';
import type { PlanDraft } from './plan.ts';
import { withPlan, withoutPlan } from './session-state.ts';
import type { StepAhead } from './step-ahead.ts';
import type { FlowRow } from './store.ts';

export type FlowRequest = {
  readonly ctx: RequestContext & { readonly userAgent?: string };
  readonly flow: FlowRow;
  readonly session: Session;
  /** The inner query string: the page's own. */
  readonly query: string;
  /** `next` on the executor's own URL; used when the flow does not apply (contract part 2, section 7). */
  readonly outerNext: string | undefined;
  /** The parsed body of a POST; undefined for GET. */
  readonly reply: JsonObject | undefined;
  /** The step that the session's plan stood at when the flow was looked up. */
  readonly ahead?: StepAhead | undefined;
};

/** What the executor answers: a challenge to show, or "ask again" (302 to the same URL). */
export type FlowAnswer = { readonly session: Session } & (
  { readonly kind: 'challenge'; readonly body: ChallengeBody } | { readonly kind: 'next'; readonly crossed?: boolean }
);

/** One request's way through the executor. */
export type Run = {
  readonly request: FlowRequest;
  /** As last saved. */
  session: Session;
  readonly params: URLSearchParams;
};

type Saving = {
  readonly db?: Queryable;
  readonly login?: SessionChange['login'];
  /** What the session keeps besides. */
  readonly more?: JsonObject;
};

/** Saves the session with the draft's plan; without a draft the plan is dropped. */
export async function savePlan(run: Run, draft: PlanDraft | undefined, options: Saving = {}): Promise<void> {
  const { ctx } = run.request;
  const kept = { ...run.session.state, ...options.more };
  const state = draft ? withPlan(kept, draft.plan) : withoutPlan(kept);
  const change = options.login === undefined ? { state } : { state, login: options.login };
  run.session = await saveSession(ctx, options.db ?? ctx.db, { session: run.session, change });
}

/** The user the flow is about, as its pages may name it; somebody anonymous has an empty name. */
export async function personOf(run: Run, draft: PlanDraft | undefined): Promise<Person> {
  const { ctx } = run.request;
  const typed = draft?.get(pendingUserIdentifier);
  if (typed !== undefined) return { username: typed, avatar: avatarOf(typed) };
  const pending = draft?.get(pendingUser);
  const known = pending === undefined ? run.session.user : await findUser(ctx.db, pending);
  return { username: known?.username ?? '', avatar: avatarOf(known?.name || known?.username || '') };
}

/** Something to show. */
export const answerChallenge = (run: Run, body: ChallengeBody): FlowAnswer => ({
  kind: 'challenge',
  session: run.session,
  body,
});

/** The stage is passed: the client asks again. */
export const answerNext = (run: Run): FlowAnswer => ({ kind: 'next', session: run.session });
