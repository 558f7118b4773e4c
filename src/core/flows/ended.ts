import type { Context } from '../../kernel/context.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import type { Session } from '../sessions/index.ts';
import type { Plan } from './plan.ts';
import { planOf, sameLink } from './session-state.ts';

const ENDED = 'flow_ended';
// As long as a replaced cookie is known (sessions/store.ts): the time that a request may cross another one.
const MILLISECONDS = 30_000;

/** What a session keeps of the flow that somebody signed in has just come to the end of. */
export function endOf({ clock }: Pick<Context, 'clock'>, { flow, link }: Plan, to: string): JsonObject {
  return { [ENDED]: { flow, link, to, until: clock.now().getTime() + MILLISECONDS } };
}

/**
 * Where this very flow has just ended for this visitor: what a request gets that was sent twice, or came again after its
 * answer was lost, instead of a denial (T17). A request that names no link is of the one that ended, as with plans.
 */
export function findEnd(
  { clock }: Pick<Context, 'clock'>,
  { user, state }: Session,
  { flow, link }: { readonly flow: string; readonly link: JsonObject },
): string | undefined {
  const ended = state[ENDED];
  if (!user || planOf(state)?.flow === flow || !isJsonObject(ended)) return undefined;
  const { flow: of, link: by, to, until } = ended;
  if (of !== flow || typeof to !== 'string' || typeof until !== 'number' || !isJsonObject(by)) return undefined;
  return sameLink({ link: by }, link) && until > clock.now().getTime() ? to : undefined;
}
