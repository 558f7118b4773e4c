import { notAuthenticated, permissionDenied } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { findUser } from '../../users/index.ts';
import { sessionsApp } from '../events.ts';
import { switchUser } from '../impersonation.ts';
import { isForeign } from '../same-site.ts';
import { actingOfRequest } from '../session.ts';

/**
 * Goes on as oneself, also where one may not act as the other any more and is nobody to the other operations; nothing
 * happens to somebody who is oneself anyway.
 */
export const impersonateEnd = defineEndpoint({
  method: 'GET',
  path: '/core/users/impersonate_end/',
  operationId: 'core_users_impersonate_end_retrieve',
  description: 'End Impersonation a user',
  permission: null,
  refuses: true,
  responses: { 204: null },
  async handle(ctx, { request }) {
    if (ctx.actor && ctx.actor.impersonator === undefined) return undefined;
    const acting = await actingOfRequest(ctx, request);
    const self = acting && (await findUser(ctx.db, acting.selfId));
    if (!self) throw notAuthenticated();
    // A link of another site comes with the session's cookie.
    if (isForeign(ctx, request)) throw permissionDenied();
    return switchUser(ctx, request, {
      session: acting.session,
      from: acting.userId,
      to: self.id,
      impersonator: null,
      tell: (tx) =>
        ctx.events.record(tx, {
          action: 'impersonation_ended',
          app: sessionsApp,
          context: { user: { pk: acting.userId, username: acting.username } },
          user: { pk: self.id, username: self.username, email: self.email },
          clientIp: ctx.clientIp,
        }),
    });
  },
});
