import { permissionDenied } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { findUser } from '../../users/index.ts';
import { sessionsApp } from '../events.ts';
import { isForeign } from '../same-site.ts';
import { sessionOf, switchUser } from '../impersonation.ts';

/** Goes on as oneself; nothing happens to somebody who does anyway. */
export const impersonateEnd = defineEndpoint({
  method: 'GET',
  path: '/core/users/impersonate_end/',
  operationId: 'core_users_impersonate_end_retrieve',
  description: 'End Impersonation a user',
  permission: null,
  responses: { 204: null },
  async handle(ctx, { request }) {
    if (ctx.actor?.impersonator === undefined) return undefined;
    // A link of another site comes with the session's cookie.
    if (isForeign(ctx, request)) throw permissionDenied();
    const { actor, uuid } = sessionOf(ctx.actor);
    const self = await findUser(ctx.db, ctx.actor.impersonator.id);
    if (!self) return undefined;
    return switchUser(ctx, request, {
      session: uuid,
      from: actor.id,
      to: self.id,
      impersonator: null,
      tell: (tx) =>
        ctx.events.record(tx, {
          action: 'impersonation_ended',
          app: sessionsApp,
          context: { user: { pk: actor.id, username: actor.username } },
          user: { pk: self.id, username: self.username, email: self.email },
          clientIp: ctx.clientIp,
        }),
    });
  },
});
