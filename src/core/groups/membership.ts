import { noMatch, permissionDenied } from '../../kernel/errors/index.ts';
import { defineEndpoint } from '../../kernel/http/endpoint.ts';
import type { Endpoint } from '../../kernel/http/endpoint.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { defineShape, f } from '../../kernel/resource/fields.ts';
import { modelOf } from '../../kernel/resource/model.ts';
import { tellLinks } from '../../kernel/resource/tell.ts';
import { findUser } from '../users/index.ts';
import { policy } from './policy.ts';
import { Group } from './resources/group.ts';
import { groupIdOf } from './store.ts';

const UserAccount = defineShape(
  'UserAccount',
  { pk: f.integer({ limited: false }) },
  { description: 'Account adding/removing operations' },
);

/** Out: whether anything changed. */
type Change = (db: Queryable, group: string, userId: number) => Promise<boolean>;

/** An operation that changes one user's membership of a group; 404 for an unknown user. */
export function membership(
  verb: 'add' | 'remove',
  of: { permission: Endpoint['permission']; description: string; change: Change },
): Endpoint {
  return defineEndpoint({
    on: Group,
    method: 'POST',
    path: `${verb}_user/`,
    operationId: `core_groups_${verb}_user_create`,
    description: of.description,
    permission: of.permission,
    body: UserAccount,
    responses: { 204: null, 404: null },
    async handle(ctx, { object, body: { pk } }) {
      const group = groupIdOf(object);
      const { actor } = ctx;
      await ctx.db.transaction(async (tx) => {
        if (!(await policy.mayShape(tx, actor, group))) throw permissionDenied();
        if (!(await findUser(tx, pk))) throw noMatch('User');
        if (!(await of.change(tx, group, pk))) return;
        const place = { ctx, model: modelOf(Group, ctx.registry), key: group };
        await tellLinks(tx, place, { verb, links: { users: [pk] } });
      });
    },
  });
}
