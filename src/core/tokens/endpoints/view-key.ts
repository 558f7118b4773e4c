import { noMatch, notFound } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { openKey } from '../key.ts';
import { checkMayHold, recordKeyEvent } from '../record.ts';
import { Token } from '../resources/token.ts';
import { findSealedKey, uuidOf } from '../store.ts';

const TokenView = defineShape(
  'TokenView',
  { key: f.string({ readOnly: true }) },
  { description: "Show token's current key" },
);

/** Shows a token's key and writes down who saw it (decision 0004). */
export const viewKey = defineEndpoint({
  on: Token,
  method: 'GET',
  path: 'view_key/',
  operationId: 'core_tokens_view_key_retrieve',
  description: 'Return token key and log access',
  permission: 'authentik_core.view_token_key',
  responses: { 200: TokenView, 404: null },
  async handle(ctx, { object }) {
    await checkMayHold(ctx, object);
    return ctx.db.transaction(async (tx) => {
      const sealed = await findSealedKey(tx, uuidOf(object));
      if (!sealed) throw noMatch('Token');
      const key = openKey(ctx, sealed);
      if (key === undefined)
        throw notFound('The key was kept with another secret key and cannot be shown; set a new one.');
      await recordKeyEvent(ctx, tx, { action: 'secret_view', token: object });
      return { key };
    });
  },
});
