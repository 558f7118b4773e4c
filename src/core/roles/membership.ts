import type { Queryable } from '../../kernel/db/types.ts';
import { noMatch, permissionDenied } from '../../kernel/errors/index.ts';
import { defineEndpoint } from '../../kernel/http/endpoint.ts';
import type { Endpoint } from '../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../kernel/resource/fields.ts';
import { modelOf } from '../../kernel/resource/model.ts';
import { tellLinks } from '../../kernel/resource/tell.ts';
import { findUser } from '../users/index.ts';
import { policy } from './policy.ts';
import { Role } from './resources/role.ts';
import { roleIdOf } from './store.ts';

const UserAccount = defineShape(
  'UserAccountSerializerForRole',
  { pk: f.integer({ limited: false }) },
  { description: 'Account adding/removing operations' },
);

/** Out: whether anything changed. */
type Change = (db: Queryable, role: string, userId: number) => Promise<boolean>;

/** An operation that gives or takes one user's role; 404 for an unknown user, 403 for a role that can do more. */
export function membership(
  verb: 'add' | 'remove',
  of: { permission: Endpoint['permission']; description: string; change: Change },
): Endpoint {
  return defineEndpoint({
    on: Role,
    method: 'POST',
    path: `${verb}_user/`,
    operationId: `rbac_roles_${verb}_user_create`,
    description: of.description,
    permission: of.permission,
    body: UserAccount,
    responses: { 204: null, 404: null },
    async handle(ctx, { object, body: { pk } }) {
      const role = roleIdOf(object);
      const { actor } = ctx;
      await ctx.db.transaction(async (tx) => {
        if (!(await policy.mayShape(tx, actor, role))) throw permissionDenied();
        if (!(await findUser(tx, pk))) throw noMatch('User');
        if (!(await of.change(tx, role, pk))) return;
        const place = { ctx, model: modelOf(Role, ctx.registry), key: role };
        await tellLinks(tx, place, { verb, links: { users: [pk] } });
      });
    },
  });
}
