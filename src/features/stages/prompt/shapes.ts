import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { PROMPT_TYPES } from './field-types.ts';

const LAYOUTS = [
  'stacked',
  'content_left',
  'content_right',
  'sidebar_left',
  'sidebar_right',
  'sidebar_left_frame_background',
  'sidebar_right_frame_background',
] as const;

const ThemedUrls = defineShape('ThemedUrls', {
  light: f.string({ nullable: true, required: false }),
  dark: f.string({ nullable: true, required: false }),
});

const ContextualFlowInfo = defineShape(
  'ContextualFlowInfo',
  {
    title: f.string({ required: false }),
    background: f.string({ required: false }),
    background_themed_urls: f.shape(ThemedUrls, { nullable: true, required: false }),
    cancel_url: f.string(),
    layout: f.choice('ContextualFlowInfoLayoutEnum', LAYOUTS),
  },
  { description: 'Contextual flow information for a challenge' },
);

const ErrorDetail = defineShape(
  'ErrorDetail',
  { string: f.string(), code: f.string() },
  { description: "Serializer for rest_framework's error messages" },
);

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
export const PromptChallenge = defineShape(
  'PromptChallenge',
  {
    flow_info: f.shape(ContextualFlowInfo, { required: false }),
    component: f.string({ default: 'ak-stage-prompt', documentDefault: true }),
    response_errors: f.map(f.list(f.shape(ErrorDetail)), { required: false }),
    fields: f.list(f.shape(StagePrompt)),
  },
  { description: 'Initial challenge being sent, define fields' },
);
