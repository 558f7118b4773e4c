import type { Context } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import * as store from './store.ts';
import type { PolicyBindingRow } from './store.ts';

export type PolicyResult = { readonly passing: boolean; readonly messages: readonly string[] };

/** The verdict of all bindings of a target. */
export type Verdict = PolicyResult & {
  /** Not passing, and a policy gave no verdict: nobody knows whether what is judged should be left out (A08). */
  readonly broken: boolean;
};

type BindingResult = PolicyResult & { readonly error?: true };

/** What a policy is asked about. */
export type PolicyRequest = {
  readonly ctx: Context;
  /** undefined: the anonymous visitor */
  readonly userId: number | undefined;
  /** The plan's context, at top level. */
  readonly context: JsonObject;
};

/** A kind of policy, brought by a feature; `type` is the value of `policy.type`. */
export type PolicyKind = {
  readonly type: string;
  /** Decides. What it throws denies, unless the binding's `failure_result` says otherwise (A08). */
  evaluate(policyUuid: string, request: PolicyRequest): Promise<PolicyResult>;
};

export const policyKind = extensionPoint<PolicyKind>('policy-kind', (kind) => kind.type);

/** What is judged: the policies bound to a target, and how their results are combined. */
export type PolicyQuestion = { readonly target: string; readonly mode: string; readonly request: PolicyRequest };

const MINIMUM_TIMEOUT_SECONDS = 1;

async function withTimeout<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error('The policy timed out.')),
      Math.max(seconds, MINIMUM_TIMEOUT_SECONDS) * 1000,
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function evaluatePolicy(
  binding: PolicyBindingRow & { policy: string },
  request: PolicyRequest,
): Promise<BindingResult> {
  const kind = request.ctx.registry.find(policyKind, binding.policy_type ?? '');
  try {
    if (!kind) throw new Error(`No feature brings the policy type ${binding.policy_type}.`);
    const result = await withTimeout(kind.evaluate(binding.policy, request), binding.timeout);
    return { ...result, passing: result.passing !== binding.negate };
  } catch (error) {
    request.ctx.log.warn('policy failed', { policy: binding.policy, error });
    // Not negated: no verdict was given, and an error must not let anybody in (A08).
    return { passing: binding.failure_result, messages: [], error: true };
  }
}

async function evaluateBinding(binding: PolicyBindingRow, request: PolicyRequest): Promise<BindingResult> {
  const { policy } = binding;
  if (policy) return evaluatePolicy({ ...binding, policy }, request);
  return { passing: binding.matches !== binding.negate, messages: [] };
}

/**
 * Judges the enabled policy bindings of a target in their order (contract part 2, section 6): mode `any` passes when
 * one does, `all` when every one does; without bindings it passes. Messages of all results are joined.
 */
export async function evaluatePolicies({ target, ...question }: PolicyQuestion): Promise<Verdict> {
  const { ctx, userId } = question.request;
  return judgeBindings(await store.listBindings(ctx.db, target, userId), question);
}

/** {@link evaluatePolicies} with bindings that were read already; see `boundPolicies`. */
export async function judgeBindings(
  bindings: readonly PolicyBindingRow[],
  { mode, request }: Omit<PolicyQuestion, 'target'>,
): Promise<Verdict> {
  if (bindings.length === 0) return { passing: true, messages: [], broken: false };
  const results: BindingResult[] = [];
  for (const binding of bindings) results.push(await evaluateBinding(binding, request));
  const isPassing = (result: BindingResult): boolean => result.passing;
  const passing = mode === 'all' ? results.every(isPassing) : results.some(isPassing);
  return {
    passing,
    messages: results.flatMap((result) => result.messages),
    broken: !passing && results.some((result) => result.error),
  };
}
