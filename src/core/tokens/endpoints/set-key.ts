import { constraintViolation } from '../../../kernel/db/errors.ts';
import { noMatch, ValidationError } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { forgetToken } from '../authenticate.ts';
import { storedKey } from '../key.ts';
import { checkMayHold, recordKeyEvent } from '../record.ts';
import { Token } from '../resources/token.ts';
import { setKey as storeKey, keyHashOf, uuidOf } from '../store.ts';

const TokenSetKey = defineShape('TokenSetKey', { key: f.string() }, { description: "Set token's key" });

const MAX_LENGTH = 1024;

/** What can stand in an `Authorization` header after the scheme (RFC 6750 §2.1 and every visible ASCII character). */
const SENDABLE = /^[!-~]+$/;

function checkKey(key: string): void {
  if (!SENDABLE.test(key))
    throw new ValidationError({ key: ['Only visible ASCII characters can be sent as a token.'] });
  if (key.length > MAX_LENGTH) {
    throw new ValidationError({ key: [`Ensure this field has no more than ${MAX_LENGTH} characters.`] });
  }
}

/** Gives a token a key that somebody chose; the old one is worth nothing at once (in other processes in a second). */
export const setKey = defineEndpoint({
  on: Token,
  method: 'POST',
  path: 'set_key/',
  operationId: 'core_tokens_set_key_create',
  description: 'Set token key. Action is logged as event. `authentik_core.set_token_key` permission\nis required.',
  permission: 'authentik_core.set_token_key',
  body: TokenSetKey,
  responses: { 204: null, 400: null, 404: null },
  async handle(ctx, { object, body: { key } }) {
    checkKey(key);
    await checkMayHold(ctx, object);
    try {
      await ctx.db.transaction(async (tx) => {
        if (!(await storeKey(tx, uuidOf(object), storedKey(ctx, key)))) throw noMatch('Token');
        await recordKeyEvent(ctx, tx, { action: 'secret_rotate', token: object });
        tx.afterCommit(() => forgetToken(ctx.db, keyHashOf(object)));
      });
    } catch (error) {
      if (constraintViolation(error)?.constraint !== 'token_key_hash_key') throw error;
      throw new ValidationError({ key: ['This field must be unique.'] });
    }
  },
});
