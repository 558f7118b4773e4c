import type { RequestContext } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import type { PlanDraft } from './plan.ts';
import type { ResponseErrors } from './stage.ts';

/**
 * Judges what somebody typed into a form by what the plan holds, so that it is told at the field. What is not looked at
 * here is refused by the commit steps, whatever this says.
 */
export type AnswerCheck = {
  readonly name: string;
  /** In: good answers by their keys. Out: what is wrong, by key. */
  check(
    scope: { readonly ctx: RequestContext; readonly plan: PlanDraft },
    answers: JsonObject,
  ): Promise<ResponseErrors>;
};

export const answerCheck = extensionPoint<AnswerCheck>('answer-check', (value) => value.name);
