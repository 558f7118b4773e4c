import { readStoredHash } from '../../../kernel/crypto/password-formats.ts';
import { ValidationError } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import { changePassword } from '../change-password.ts';
import { User } from '../resources/user.ts';

const UserPasswordHashSet = defineShape(
  'UserPasswordHashSet',
  { password: f.text() },
  { description: "Payload to set a users' password hash directly" },
);

/** Characters: several times the longest that Django writes. */
const MAX_LENGTH = 1024;
const UNKNOWN =
  'Not a password hash that can be checked here: argon2, pbkdf2_sha256, pbkdf2_sha1 or scrypt, as Django writes it, at a cost within reason.';

/**
 * As set_password, with a hash that another system made: its password signs in, and is then hashed as ours are. What could not
 * be checked is refused, an unusable one (`!…`) too, instead of leaving an account that nobody can sign in to.
 */
export const setPasswordHash = defineEndpoint({
  on: User,
  method: 'POST',
  path: 'set_password_hash/',
  operationId: 'core_users_set_password_hash_create',
  description:
    "Set a user's password from a pre-hashed Django password value.\n" +
    '\n' +
    'Submit the Django password hash in the shared ``password`` request field.\n' +
    '\n' +
    "This updates authentik's local password verifier only. It does not attempt\n" +
    'to propagate the password change to LDAP or Kerberos because no raw password\n' +
    'is available from the request payload.',
  permission: 'authentik_core.reset_user_password',
  body: UserPasswordHashSet,
  responses: { 204: null, 400: null },
  async handle(ctx, { object, body: { password: hash } }) {
    if (hash.length > MAX_LENGTH) throw new ValidationError({ password: [messages.maxLength(MAX_LENGTH)] });
    if (!readStoredHash(hash)) throw new ValidationError({ password: [UNKNOWN] });
    await changePassword(ctx, object, () => hash);
  },
});
