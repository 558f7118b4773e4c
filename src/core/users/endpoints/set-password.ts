import { MAX_PASSWORD_LENGTH } from '../../../kernel/crypto/passwords.ts';
import { ValidationError } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import { changePassword } from '../change-password.ts';
import { User } from '../resources/user.ts';

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
    if (password.length > MAX_PASSWORD_LENGTH) {
      throw new ValidationError({ password: [messages.maxLength(MAX_PASSWORD_LENGTH)] });
    }
    await changePassword(ctx, object, () => ctx.passwords.hash(password));
  },
});
