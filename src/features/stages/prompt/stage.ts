import {
  answerCheck,
  challenge,
  defineStage,
  fieldError,
  invalid,
  lockedData,
  pass,
  pendingUser,
  promptData,
  tellRefusedName,
} from '../../../core/flows/index.ts';
import type { ResponseErrors, StageRequest } from '../../../core/flows/index.ts';
import { usernameTaken } from '../../../core/users/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { checkAnswers, passwordsDiffer } from './answers.ts';
import { isFixed } from './field-types.ts';
import { isOpen, lockPrompts } from './locked-fields.ts';
import { presentField } from './present-field.ts';
import { PromptChallenge, PromptReply } from './shapes.ts';
import { LISTS, readPolicy, readPrompt } from './store.ts';
import type { PolicyRow, PromptRow } from './store.ts';
import { refusalsOf } from './validation-policies.ts';

type Form = { readonly prompts: readonly PromptRow[]; readonly policies: readonly PolicyRow[] };
type Request = StageRequest<Form>;

const COMPONENT = 'ak-stage-prompt';

const gathered = ({ plan }: Request): JsonObject => plan.get(promptData) ?? {};

/** The stage's fields; those whose value is locked are to be read only. */
function fieldsOf({ settings, plan }: Request): readonly PromptRow[] {
  return lockPrompts(settings.prompts, plan.get(lockedData));
}

const form = (prompts: readonly PromptRow[], data: JsonObject): JsonObject => ({
  fields: prompts.map((prompt) => presentField(prompt, data)),
});

/** Usernames of other people; the index on users decides again when the account is written. */
async function takenUsernames(
  { ctx, plan, session }: Request,
  prompts: readonly PromptRow[],
  answers: JsonObject,
): Promise<ResponseErrors> {
  const own = plan.get(pendingUser) ?? session.user?.id;
  const errors: [string, ReturnType<typeof fieldError>][] = [];
  for (const { field_key: key, type } of prompts) {
    const name = Object.hasOwn(answers, key) ? answers[key] : undefined;
    if (type !== 'username' || typeof name !== 'string' || !(await usernameTaken(ctx.db, name, own))) continue;
    await tellRefusedName(ctx, name);
    errors.push([key, fieldError('Username is already taken.', 'invalid')]);
  }
  return Object.fromEntries(errors);
}

/** What the plan has against what was typed: values that nobody could correct are left to the commit. */
async function refusedAnswers(
  { ctx, plan }: Request,
  prompts: readonly PromptRow[],
  answers: JsonObject,
): Promise<ResponseErrors> {
  const keys = new Set(prompts.filter(({ type }) => !isFixed(type)).map((prompt) => prompt.field_key));
  const typed = Object.fromEntries(Object.entries(answers).filter(([key]) => keys.has(key)));
  let errors: ResponseErrors = {};
  for (const { check } of ctx.registry.all(answerCheck)) errors = { ...errors, ...(await check({ ctx, plan }, typed)) };
  return errors;
}

/** Faults of the form as a whole, looked for only when every field is good (contract part 2, section 8). */
async function crossFieldErrors(
  request: Request,
  prompts: readonly PromptRow[],
  answers: JsonObject,
): Promise<ResponseErrors> {
  if (passwordsDiffer(prompts, answers)) {
    return { non_field_errors: fieldError("Passwords don't match.", 'invalid') };
  }
  const refusals = await refusalsOf(request, request.settings.policies, answers);
  return refusals.length === 0 ? {} : { non_field_errors: refusals.flatMap((text) => fieldError(text, 'invalid')) };
}

const isEmpty = (errors: ResponseErrors): boolean => Object.keys(errors).length === 0;

/** Shows a form, checks what comes back, and adds it to the plan's prompt data (contract part 2, 11.1). */
export const promptStage = defineStage<Form>({
  type: 'prompt',
  table: 'prompt_stage',
  challengeComponent: COMPONENT,
  challengeShape: PromptChallenge,
  replyShape: PromptReply,
  lists: LISTS,
  settings: (row) => ({ prompts: row.rows('fields').map(readPrompt), policies: row.rows('policies').map(readPolicy) }),
  async challenge(request) {
    return challenge(form(fieldsOf(request), gathered(request)));
  },
  async submit(request, reply) {
    const prompts = fieldsOf(request);
    const open = prompts.filter(isOpen);
    const data = gathered(request);
    const { answers, errors } = checkAnswers(open, data, reply);
    const fieldErrors = {
      ...(await refusedAnswers(request, open, answers)),
      ...(await takenUsernames(request, open, answers)),
      ...errors,
    };
    if (!isEmpty(fieldErrors)) return invalid(form(prompts, data), fieldErrors);
    const whole = await crossFieldErrors(request, open, answers);
    if (!isEmpty(whole)) return invalid(form(prompts, data), whole);
    request.plan.set(promptData, { ...data, ...answers, component: COMPONENT });
    return pass();
  },
});
