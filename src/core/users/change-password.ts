import type { RequestContext } from '../../kernel/context.ts';
import { permissionDenied } from '../../kernel/errors/index.ts';
import { eventUser } from '../../kernel/events/event-user.ts';
import type { Row } from '../../kernel/resource/resource.ts';
import { forgetFailures } from './password-attempt.ts';
import { policy } from './policy.ts';
import { endSessions, setPasswordHash, userIdOf } from './store.ts';

/**
 * Gives an account another password and ends its sessions, but for the one that asks; tokens stay (E09).
 * @param hashOf makes the finished hash, once it is known that the caller may
 * @throws 403 for an account that can do more than the caller (A23)
 */
export async function changePassword(
  ctx: RequestContext,
  object: Row,
  hashOf: () => string | Promise<string>,
): Promise<void> {
  const { db, events, actor, clientIp } = ctx;
  const id = userIdOf(object);
  if (!(await policy.mayControl(db, actor, id))) throw permissionDenied();
  // Before the transaction: hashing takes long and must not hold a connection.
  const hash = await hashOf();
  await db.transaction(async (tx) => {
    await setPasswordHash(tx, id, hash);
    await endSessions(tx, id, actor?.sessionUuid);
    await forgetFailures(ctx, tx, id);
    await events.record(tx, {
      action: 'password_set',
      app: 'vestibule.core.users',
      context: { user: { pk: id, username: object['username'] } },
      user: actor && eventUser(actor),
      clientIp,
    });
  });
}
