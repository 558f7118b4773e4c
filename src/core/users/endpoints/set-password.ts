import { MAX_PASSWORD_LENGTH } from '../../../kernel/crypto/passwords.ts';
import { permissionDenied, ValidationError } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import { forgetFailures } from '../password-attempt.ts';
import { policy } from '../policy.ts';
import { User } from '../resources/user.ts';
import { endSessions, setPasswordHash, userIdOf } from '../store.ts';
import { eventUser } from '../../../kernel/events/event-user.ts';

const UserPasswordSet = defineShape(
  'UserPasswordSet',
  { password: f.text() },
  { description: "Payload to set a users' password directly" },
);

/** Sets somebody's password and ends their sessions, but for the one that asks; tokens stay. */
export const setPassword = defineEndpoint({
  on: User,
  method: 'POST',
  path: 'set_password/',
  operationId: 'core_users_set_password_create',
  description: 'Set password for user',
  permission: 'authentik_core.reset_user_password',
  body: UserPasswordSet,
  responses: { 204: null, 400: null },
  async handle(ctx, { object, body: { password } }) {
    const { db, passwords, events, actor, clientIp } = ctx;
    const id = userIdOf(object);
    if (password.length > MAX_PASSWORD_LENGTH) {
      throw new ValidationError({ password: [messages.maxLength(MAX_PASSWORD_LENGTH)] });
    }
    if (!(await policy.mayControl(db, actor, id))) throw permissionDenied();
    // Before the transaction: hashing takes long and must not hold a connection.
    const hash = await passwords.hash(password);
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
  },
});
