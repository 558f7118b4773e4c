import type { Registry } from '../../kernel/feature.ts';
import { eventAction } from '../../kernel/events/action.ts';

/** What an event may tell of, as the wire has it (EventActions of the schema). */
export const EVENT_ACTIONS = [
  'login',
  'login_failed',
  'logout',
  'user_write',
  'user_offboarded',
  'suspicious_request',
  'password_set',
  'secret_view',
  'secret_rotate',
  'invitation_used',
  'authorize_application',
  'source_linked',
  'impersonation_started',
  'impersonation_ended',
  'flow_execution',
  'policy_execution',
  'policy_exception',
  'property_mapping_exception',
  'system_task_execution',
  'system_task_exception',
  'system_exception',
  'configuration_error',
  'configuration_warning',
  'model_created',
  'model_updated',
  'model_deleted',
  'email_sent',
  'update_available',
  'export_ready',
  'review_initiated',
  'review_overdue',
  'review_attested',
  'review_completed',
  'access_request_created',
  'access_request_approved',
  'access_request_denied',
  'access_request_revoked',
  'custom_',
] as const;

export type WireAction = (typeof EVENT_ACTIONS)[number];

const wireActions = new Map<string, WireAction>(EVENT_ACTIONS.map((name) => [name, name]));

/** The wire's name of an action: a feature's own ones are all `custom_` there, and named in the context. */
export function wireAction(name: string): WireAction {
  return wireActions.get(name) ?? 'custom_';
}

/** The wire's names of the actions that something writes, in the schema's order. */
export function knownActions(registry: Registry): WireAction[] {
  const written = new Set(registry.all(eventAction).map(({ name }) => wireAction(name)));
  return EVENT_ACTIONS.filter((name) => written.has(name));
}

/** As people read it: `login_failed` is "Login Failed". */
export function actionLabel(name: WireAction): string {
  const words = name.split('_').filter((word) => word !== '');
  return words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join(' ');
}
