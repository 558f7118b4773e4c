import type { Registry } from '../../kernel/feature.ts';
import type { Fields, Shape } from '../../kernel/resource/field.ts';
import { defineShape, f } from '../../kernel/resource/fields.ts';
import { defineUnion } from '../../kernel/resource/union.ts';
import { LAYOUTS, ThemedUrls } from './resources/flow.ts';
import { stage } from './stage.ts';

const ErrorDetail = defineShape(
  'ErrorDetail',
  { string: f.string(), code: f.string() },
  { description: "Serializer for rest_framework's error messages" },
);

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

/** What the contract calls user info: the keys of a challenge that names a person. */
export const userInfo = { pending_user: f.string(), pending_user_avatar: f.string() };

/** A challenge as it goes out: what every one has, and its own keys. */
export function challengeShape(name: string, component: string, fields: Fields): Shape {
  return defineShape(name, {
    flow_info: f.shape(ContextualFlowInfo, { required: false }),
    component: f.string({ default: component, documentDefault: true }),
    response_errors: f.map(f.list(f.shape(ErrorDetail)), { required: false }),
    ...fields,
  });
}

/** An answer to a challenge. */
export function replyShape(name: string, component: string, fields: Fields): Shape {
  return defineShape(name, { component: f.string({ default: component, documentDefault: true }), ...fields });
}

const AccessDenied = challengeShape('AccessDeniedChallenge', 'ak-stage-access-denied', {
  ...userInfo,
  error_message: f.string({ required: false }),
});
const Redirect = challengeShape('RedirectChallenge', 'xak-flow-redirect', {
  to: f.string(),
  final_redirect: f.boolean({ default: false, documentDefault: true }),
});
const FlowError = challengeShape('FlowErrorChallenge', 'ak-stage-flow-error', {
  request_id: f.string(),
  error: f.string({ required: false }),
  traceback: f.string({ required: false }),
});
const RedirectReply = replyShape('RedirectChallengeResponse', 'xak-flow-redirect', {
  to: f.string(),
});

function ofStages(registry: Registry, own: 'challengeShape' | 'replyShape'): [string, Shape][] {
  return registry.all(stage).flatMap((found) => {
    const shape = found[own];
    return found.challengeComponent && shape ? [[found.challengeComponent, shape] as [string, Shape]] : [];
  });
}

/** Every challenge that this build can answer, by component. */
export const ChallengeTypes = defineUnion({
  name: 'ChallengeTypes',
  discriminator: 'component',
  variants: (registry) => ({
    'ak-stage-access-denied': AccessDenied,
    'ak-stage-flow-error': FlowError,
    'xak-flow-redirect': Redirect,
    ...Object.fromEntries(ofStages(registry, 'challengeShape')),
  }),
});

/** Every answer to a challenge, by component. */
export const FlowChallengeResponse = defineUnion({
  name: 'FlowChallengeResponse',
  discriminator: 'component',
  variants: (registry) => ({
    'xak-flow-redirect': RedirectReply,
    ...Object.fromEntries(ofStages(registry, 'replyShape')),
  }),
});
