import { notAuthenticated } from '../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { mergeJson } from '../../../kernel/schema/merge.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { avatarOf } from '../avatar.ts';
import { USER_TYPES } from '../resources/user.ts';
import { findSelf } from '../store.ts';
import type { SelfRow } from '../store.ts';

const membership = { name: f.string({ readOnly: true }), pk: f.string({ readOnly: true }) };
const UserSelfGroups = defineShape('UserSelfGroups', membership);
const UserSelfRoles = defineShape('UserSelfRoles', membership);

const UserSelf = defineShape(
  'UserSelf',
  {
    pk: f.integer({ readOnly: true, title: 'ID' }),
    username: f.string({ maxLength: 150, pattern: '^[\\w.@+-]+$' }),
    name: f.string({ blank: true, required: true }),
    is_active: f.boolean({ readOnly: true, title: 'Active' }),
    is_superuser: f.boolean({ readOnly: true }),
    is_current: f.boolean({ readOnly: true }),
    groups: f.list(f.shape(UserSelfGroups), { readOnly: true }),
    roles: f.list(f.shape(UserSelfRoles), { readOnly: true }),
    email: f.email({ blank: true, title: 'Email address' }),
    avatar: f.string({ readOnly: true }),
    uid: f.string({ readOnly: true }),
    settings: f.object({ readOnly: true }),
    type: f.choice('UserTypeEnum', USER_TYPES, { required: false }),
    system_permissions: f.list(f.string(), { readOnly: true }),
  },
  { description: 'User Serializer for information a user can retrieve about themselves' },
);

const SessionUser = defineShape(
  'SessionUser',
  {
    user: f.shape(UserSelf),
    // Absent: only somebody who impersonates has another self.
    original: f.shape(UserSelf, { required: false }),
    users: f.list(f.shape(UserSelf)),
  },
  {
    description:
      'Response for the /user/me endpoint, returns the currently active user (as `user` property)\n' +
      'and, if this user is being impersonated, the original user in the `original` property.',
  },
);

/** `settings` of the groups' attributes, by name, then of the user's own. */
function settingsOf(attributes: readonly JsonObject[]): JsonObject {
  return attributes.reduce<JsonObject>((merged, { settings }) => {
    return isJsonObject(settings) ? mergeJson(merged, settings) : merged;
  }, {});
}

function shown({ attributes, ...self }: SelfRow, isCurrent: boolean) {
  return {
    ...self,
    is_current: isCurrent,
    avatar: avatarOf(self.name || self.username),
    settings: settingsOf(attributes),
    system_permissions: [],
  };
}

/** Who asks, for everybody who is signed in. */
export const me = defineEndpoint({
  method: 'GET',
  path: '/core/users/me/',
  operationId: 'core_users_me_retrieve',
  description: 'Get information about current user',
  permission: null,
  responses: { 200: SessionUser },
  async handle({ db, actor }) {
    const self = actor && (await findSelf(db, actor.id));
    if (!self) throw notAuthenticated();
    const isCurrent = actor.via === 'session';
    const user = shown(self, isCurrent);
    const other = actor.impersonator === undefined ? undefined : await findSelf(db, actor.impersonator.id);
    // The people signed in with this browser: so far there is at most one, and none with a token.
    return { user, ...(other ? { original: shown(other, false) } : {}), users: isCurrent ? [user] : [] };
  },
});
