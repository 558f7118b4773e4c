import { isJsonObject } from '../../kernel/schema/types.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import type { Session } from '../sessions/index.ts';
import type { Plan } from './plan.ts';
import { sameLink } from './session-state.ts';

const ENDED = 'flow_ended';

/** What a session keeps of the flow that somebody signed in has come to the end of. */
export const endOf = ({ flow, link }: Plan, to: string): JsonObject => ({ [ENDED]: { flow, link, to } });

/**
 * Where this very flow has ended, for a request that crossed the one that ended it, such as the last form sent twice:
 * both get the same answer (T17). A request that names no link is of the one that ended, as with plans.
 * @param session one that another has taken the place of
 */
export function findEnd(
  { successor }: Session,
  { flow, link }: { readonly flow: string; readonly link: JsonObject },
): string | undefined {
  const ended = successor?.user ? successor.state[ENDED] : undefined;
  if (!isJsonObject(ended) || ended['flow'] !== flow) return undefined;
  const { link: by, to } = ended;
  return isJsonObject(by) && sameLink({ link: by }, link) && typeof to === 'string' ? to : undefined;
}
