import type { JsonObject } from '../../kernel/schema/types.ts';
import type { FlowRow } from './store.ts';

const CANCEL_URL = '/flows/-/cancel/';
export const DEFAULT_BACKGROUND = '/static/dist/assets/images/flow_background.jpg';

/** What the executor shows: a component and its keys. */
export type ChallengeBody = JsonObject & { readonly component: string };

/** What a flow's title and messages may name. */
export type Person = { readonly username: string; readonly avatar: string };

/** A flow's title for somebody of that name; empty for nobody. There are no applications that it could name. */
export function titleOf({ title }: Pick<FlowRow, 'title'>, username: string): string {
  // All at once and by a function: the name may itself look like one of these, or like a pattern of `replace`.
  return title.replace(/%\((user|app)\)s/g, (_place, name) => (name === 'user' ? username : ''));
}

/** `flow_info` of every stage challenge (contract part 2, section 10). */
export function flowInfo(flow: FlowRow, person: Person): JsonObject {
  return {
    title: titleOf(flow, person.username),
    background: flow.background || DEFAULT_BACKGROUND,
    background_themed_urls: null,
    cancel_url: CANCEL_URL,
    layout: flow.layout,
  };
}

/** The flow does not go on, and why. */
export function accessDenied(flow: FlowRow, person: Person, message: string): ChallengeBody {
  return {
    flow_info: flowInfo(flow, person),
    component: 'ak-stage-access-denied',
    pending_user: person.username,
    pending_user_avatar: person.avatar,
    error_message: message || 'Unknown error',
  };
}

/** Leads the client elsewhere; bare, without `flow_info`. */
export function redirectChallenge(to: string): ChallengeBody {
  return { component: 'xak-flow-redirect', to };
}

/** Something broke; the request id leads to the log. `detail` is for superusers and debugging users only. */
export function flowError(requestId: string, detail?: { error: string; traceback: string }): ChallengeBody {
  return { component: 'ak-stage-flow-error', request_id: requestId, ...detail };
}
