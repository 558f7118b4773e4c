import { challengeShape, replyShape } from '../../../core/flows/index.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { PROMPT_TYPES } from './field-types.ts';

const PromptChoice = defineShape(
  'PromptChoice',
  { value: f.string(), label: f.string() },
  { description: 'Serializer for a single Choice field' },
);

const StagePrompt = defineShape(
  'StagePrompt',
  {
    field_key: f.string(),
    label: f.string(),
    type: f.choice('PromptTypeEnum', PROMPT_TYPES),
    required: f.boolean(),
    placeholder: f.string(),
    initial_value: f.string(),
    order: { ...f.integer(), kind: f.integer({ readOnly: true }).kind },
    sub_text: f.string(),
    choices: f.list(f.shape(PromptChoice), { nullable: true, required: true }),
  },
  { description: 'Serializer for a single Prompt field' },
);

/** The challenge (contract part 2, section 10). */
export const PromptChallenge = challengeShape('PromptChallenge', 'ak-stage-prompt', {
  fields: f.list(f.shape(StagePrompt)),
});

/** The answer; its other keys are those of the fields. */
export const PromptReply = { ...replyShape('PromptChallengeResponse', 'ak-stage-prompt', {}), open: true };
