import type { RequestContext } from '../../kernel/context.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import { createList } from '../../kernel/resource/list.ts';
import { modelOf } from '../../kernel/resource/model.ts';
import { createParameters } from '../../kernel/resource/parameters.ts';
import type { Parameters } from '../../kernel/resource/parameters.ts';
import { Event } from './resources/event.ts';

/**
 * The events that a request's filters and search leave, as `from … where …` under alias t, and the statement's values
 * so far. Throws ValidationError.
 */
export async function chosenEvents(
  ctx: RequestContext,
  request: HttpRequest,
): Promise<{ clause: string; parameters: Parameters }> {
  const parameters = createParameters();
  const clause = await createList(modelOf(Event, ctx.registry)).clause(ctx, request.query, parameters);
  return { clause, parameters };
}
