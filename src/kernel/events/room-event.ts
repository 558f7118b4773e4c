import type { Context } from '../context.ts';
import { eventAction } from './action.ts';

const event = { app: 'vestibule.database', name: 'system_exception' };

/** That the disk of the database is full, or has room again. */
export const roomChanged = eventAction(event);

const MESSAGES = {
  low: "The database's disk is full: changes are refused.",
  enough: "The database's disk has room again: changes are accepted.",
};

/** Writes that changes are refused for lack of room, or accepted again. Does not throw: there may be no room for it. */
export async function recordRoom({ db, events, log }: Context, isLow: boolean): Promise<void> {
  const message = isLow ? MESSAGES.low : MESSAGES.enough;
  try {
    await db.transaction(async (tx) => {
      // Out of what is kept free: by then the connection is for reading only.
      await tx.query('set transaction read write', [], { prepare: false });
      await events.record(tx, { app: event.app, action: event.name, context: { message } });
    });
  } catch (failure) {
    log.error('no event was written', { message, error: failure });
  }
}
