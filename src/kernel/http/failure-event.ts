import type { Context } from '../context.ts';
import { eventAction } from '../events/action.ts';
import type { HttpRequest } from './message.ts';
import { requestContext } from './request-context.ts';

const event = { app: 'vestibule.http', name: 'system_exception' };

/** That a request failed for a reason that is ours. */
export const requestFailed = eventAction(event);

/** Writes that a request failed; with its id, by which the log tells more. Does not throw: there may be no database. */
export async function recordFailure(context: Context, request: HttpRequest, error: unknown): Promise<void> {
  const { db, log, events } = requestContext(context, request, undefined);
  // Not the message: those of the database quote what was sent.
  const message = error instanceof Error ? error.name : 'unknown';
  try {
    await db.transaction((tx) => events.record(tx, { app: event.app, action: event.name, context: { message } }));
  } catch (failure) {
    log.error('no event was written', { requestId: request.id, error: failure });
  }
}
