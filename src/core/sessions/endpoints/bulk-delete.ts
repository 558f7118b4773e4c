import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { destroyMany } from '../../../kernel/resource/destroy-many.ts';
import { modelOf } from '../../../kernel/resource/model.ts';
import { viewPermission } from '../../../kernel/resource/scope.ts';
import { AuthenticatedSession } from '../resources/authenticated-session.ts';

const BulkDeleteSessionResponse = defineShape('BulkDeleteSessionResponse', { deleted: f.integer({ limited: false }) });

/** Users of one request: as many as fit into an address. */
const MAX_USERS = 1_000;
const DELETE = 'authentik_core.delete_authenticatedsession';

/**
 * Ends the sessions of users, also those in which they act as somebody else, as far as the caller may delete each (A17).
 * Users that are not there have none.
 */
export const bulkDelete = defineEndpoint({
  on: AuthenticatedSession,
  detail: false,
  perObject: true,
  method: 'DELETE',
  path: 'bulk_delete/',
  operationId: 'core_authenticated_sessions_bulk_delete_destroy',
  description: 'Bulk revoke all sessions for multiple users',
  permission: DELETE,
  query: {
    user_pks: f.list(f.integer({ limited: false }), {
      maxItems: MAX_USERS,
      description: 'List of user IDs to revoke all sessions for',
    }),
  },
  responses: { 200: BulkDeleteSessionResponse },
  async handle(ctx, { query: { user_pks: users = [] } }) {
    const deleted = await destroyMany(ctx, modelOf(AuthenticatedSession, ctx.registry), {
      permissions: [viewPermission(AuthenticatedSession), DELETE],
      where(alias, parameters) {
        const ids = parameters.add(users, 'integer[]');
        return `${alias}.user_id = any(${ids}) or ${alias}.impersonator_id = any(${ids})`;
      },
    });
    return { deleted };
  },
});
