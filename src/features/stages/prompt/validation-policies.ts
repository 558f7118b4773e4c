import { pendingUser } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import { policyKind } from '../../../core/policies/index.ts';
import type { PolicyRequest, PolicyResult } from '../../../core/policies/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import type { PolicyRow } from './store.ts';

const REFUSED = 'The answers were not accepted.';

async function evaluate(
  stage: StageRequest<unknown>,
  policy: PolicyRow,
  request: PolicyRequest,
): Promise<PolicyResult> {
  try {
    const kind = stage.ctx.registry.find(policyKind, policy.type);
    if (!kind) throw new Error(`No feature brings the policy type ${policy.type}.`);
    return await kind.evaluate(policy.policy_uuid, request);
  } catch (error) {
    // A policy that breaks refuses (A08).
    stage.ctx.log.warn('validation policy failed', { policy: policy.policy_uuid, error });
    return { passing: false, messages: [] };
  }
}

/**
 * Asks the stage's validation policies about the answers; all must pass (contract part 2, 11.1).
 * Out: the messages of the refusal, empty when all pass.
 */
export async function refusalsOf(
  stage: StageRequest<unknown>,
  policies: readonly PolicyRow[],
  answers: JsonObject,
): Promise<readonly string[]> {
  const { ctx, plan, session } = stage;
  const userId = plan.get(pendingUser) ?? session.user?.id;
  const request = { ctx, userId, context: { ...plan.plan.context, prompt_data: answers } };
  const messages: string[] = [];
  for (const policy of policies) {
    const result = await evaluate(stage, policy, request);
    if (result.passing) continue;
    messages.push(...(result.messages.length > 0 ? result.messages : [REFUSED]));
  }
  return messages;
}
