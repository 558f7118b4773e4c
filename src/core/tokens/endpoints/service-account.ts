import { objectGrants } from '../../../kernel/authz/object-grants.ts';
import type { RequestContext } from '../../../kernel/context.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { permissionDenied, ValidationError } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { modelOf } from '../../../kernel/resource/model.ts';
import type { Resource } from '../../../kernel/resource/resource.ts';
import { tellCreated } from '../../../kernel/resource/tell.ts';
import { addMember, Group, insertGroup } from '../../groups/index.ts';
import { hasControls, insertUser, NO_CONTROLS, User, UsernameTaken, usernameTaken } from '../../users/index.ts';
import { newKey, storedKey } from '../key.ts';
import { Token } from '../resources/token.ts';
import { insert, inDays } from '../store.ts';

const DAYS = 360;
const PATH = 'goauthentik.io/service-accounts';

const UserServiceAccount = defineShape(
  'UserServiceAccount',
  {
    name: f.string(),
    create_group: f.boolean({ default: false, documentDefault: true }),
    expiring: f.boolean({ default: true, documentDefault: true }),
    expires: f.dateTime({ required: false, description: 'If not provided, valid for 360 days' }),
  },
  { description: 'Payload to create a service account' },
);

const UserServiceAccountResponse = defineShape('UserServiceAccountResponse', {
  username: f.string(),
  token: f.string(),
  user_uid: f.string(),
  user_pk: f.integer({ limited: false }),
  group_pk: f.string({ required: false }),
});

type Body = {
  readonly name: string;
  readonly create_group?: boolean;
  readonly expiring?: boolean;
  readonly expires?: string;
};

// The endpoint asks for the right to add users; who gets a token and a group must be allowed to make those too.
function refuseOthers({ actor }: RequestContext, { create_group: group }: Body): void {
  const needed = ['authentik_core.add_token', ...(group ? ['authentik_core.add_group'] : [])];
  if (!needed.every((permission) => actor?.can(permission) === true)) throw permissionDenied();
}

/** What a resource's own operation does after an object came to be. */
async function created(ctx: RequestContext, tx: Transaction, of: { on: Resource; key: string | number }) {
  const { actor, registry } = ctx;
  const { model } = of.on;
  if (actor?.initial.has(model)) {
    await registry.find(objectGrants, 'object-grants')?.created(tx, actor, { model, key: of.key });
  }
  await tellCreated(tx, { ctx, model: modelOf(of.on, registry) }, of.key);
}

async function make(ctx: RequestContext, tx: Transaction, body: Body) {
  const { name, create_group: group, expiring = true, expires } = body;
  const user = await insertUser(tx, { username: name, name, type: 'service_account', path: PATH });
  await created(ctx, tx, { on: User, key: user.id });
  const key = newKey(ctx);
  const token = await insert(tx, {
    identifier: `service-account-${user.uuid}-password`,
    userId: user.id,
    intent: 'app_password',
    description: '',
    expires: expiring ? (expires ?? (await inDays(tx, DAYS))) : null,
    key: storedKey(ctx, key),
  });
  await created(ctx, tx, { on: Token, key: token });
  const made = { username: name, token: key, user_uid: user.uid, user_pk: user.id };
  if (!group) return made;
  const groupPk = await insertGroup(tx, name);
  if (groupPk === undefined) throw new ValidationError({ name: ['A group of this name exists.'] });
  await addMember(tx, groupPk, user.id);
  await created(ctx, tx, { on: Group, key: groupPk });
  return { ...made, group_pk: groupPk };
}

const TAKEN = { name: ['This field must be unique.'] };

/** Makes an account for a program, with a password for applications and, if asked for, a group of its own. */
export const serviceAccount = defineEndpoint({
  method: 'POST',
  path: '/core/users/service_account/',
  operationId: 'core_users_service_account_create',
  description: 'Create a new user account that is marked as a service account',
  permission: 'authentik_core.add_user',
  body: UserServiceAccount,
  responses: { 200: UserServiceAccountResponse },
  async handle(ctx, { body }) {
    refuseOthers(ctx, body);
    if (hasControls(body.name)) throw new ValidationError({ name: [NO_CONTROLS] });
    if (await usernameTaken(ctx.db, body.name)) throw new ValidationError(TAKEN);
    try {
      return await ctx.db.transaction((tx) => make(ctx, tx, body));
    } catch (error) {
      if (error instanceof UsernameTaken) throw new ValidationError(TAKEN);
      throw error;
    }
  },
});
