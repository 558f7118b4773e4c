import { permissionDenied, ValidationError } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { findUser, User, userIdOf, userPolicy } from '../../users/index.ts';
import { sessionsApp } from '../events.ts';
import { sessionOf, switchUser } from '../impersonation.ts';

const Impersonation = defineShape('Impersonation', { reason: f.string() });

/**
 * Goes on as another user, in this session only. Nobody may who would gain by it (A23), nor as a user who is not active
 * (A18), nor from one such user to the next; the right to is judged anew at each request.
 */
export const impersonate = defineEndpoint({
  on: User,
  method: 'POST',
  path: 'impersonate/',
  operationId: 'core_users_impersonate_create',
  description: 'Impersonate a user',
  permission: 'authentik_core.impersonate',
  body: Impersonation,
  responses: { 204: null },
  async handle(ctx, { object, body: { reason }, request }) {
    const { actor, uuid } = sessionOf(ctx.actor);
    const target = await findUser(ctx.db, userIdOf(object));
    if (actor.impersonator !== undefined || !target || target.id === actor.id) throw permissionDenied();
    if (!target.isActive) throw new ValidationError({ non_field_errors: ['The user is not active.'] });
    if (!(await userPolicy.mayControl(ctx.db, actor, target.id))) throw permissionDenied();
    return switchUser(ctx, request, {
      session: uuid,
      from: actor.id,
      to: target.id,
      impersonator: actor.id,
      tell: (tx) =>
        ctx.events.record(tx, {
          action: 'impersonation_started',
          app: sessionsApp,
          context: { reason, user: { pk: target.id, username: target.username } },
          user: { pk: actor.id, username: actor.username, email: actor.email },
          clientIp: ctx.clientIp,
        }),
    });
  },
});
