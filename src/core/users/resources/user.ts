import { permissionDenied, ValidationError } from '../../../kernel/errors/index.ts';
import type { Fields } from '../../../kernel/resource/field.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { booleanKind, uuidKind } from '../../../kernel/resource/kinds/scalar.ts';
import { choiceKind } from '../../../kernel/resource/kinds/structured.ts';
import { textKind } from '../../../kernel/resource/kinds/text.ts';
import { defineResource, defineView } from '../../../kernel/resource/resource.ts';
import type { Change, Filter, Row, Validation } from '../../../kernel/resource/resource.ts';
import type { Json } from '../../../kernel/schema/types.ts';
import { attributesFilter } from '../attributes-filter.ts';
import { avatarOf } from '../avatar.ts';
import { policy } from '../policy.ts';
import { hasControls, NO_CONTROLS } from '../username.ts';
import { endSessions, userIdOf, usernameTaken } from '../store.ts';

export const USER_TYPES = ['internal', 'external', 'service_account', 'internal_service_account'] as const;

/** Made and kept by the server alone: outposts and the like. */
const SERVERS_OWN = 'internal_service_account';

const TAKEN = 'This field must be unique.';
const NAME_PATTERN = '^[\\w.@+-]+$';

type UserInput = { readonly username?: string; readonly path?: string; readonly type?: string };

/** Rows of a table of links to users. */
const linked = (links: string, condition: string) => (alias: string) =>
  `exists (select 1 from ${links} l where l.user_id = ${alias}.id and ${condition})`;

const filters: readonly Filter[] = [
  attributesFilter,
  'date_joined',
  'date_joined__gt',
  'date_joined__lt',
  'email',
  // The tables belong to later modules; the links are filtered here because the list is this resource's.
  {
    name: 'groups_by_name',
    kind: textKind({ trim: false }),
    multiple: true,
    sql: (alias, value) =>
      linked('group_members', `(select g.name from groups g where g.group_uuid = l.group_uuid) = any(${value})`)(alias),
  },
  {
    name: 'groups_by_pk',
    kind: uuidKind,
    multiple: true,
    sql: (alias, value) => linked('group_members', `l.group_uuid = any(${value})`)(alias),
  },
  'is_active',
  { name: 'is_superuser', kind: booleanKind, sql: (alias, value) => `user_is_superuser(${alias}.id) = ${value}` },
  'last_login',
  'last_login__gt',
  'last_login__isnull',
  'last_login__lt',
  'last_updated',
  'last_updated__gt',
  'last_updated__lt',
  'name',
  'path',
  {
    name: 'path_startswith',
    kind: textKind({ trim: false }),
    sql: (alias, value) => `starts_with(${alias}.path, ${value})`,
  },
  {
    name: 'roles_by_name',
    kind: textKind({ trim: false }),
    multiple: true,
    sql: (alias, value) =>
      linked('user_roles', `(select r.name from roles r where r.uuid = l.role_uuid) = any(${value})`)(alias),
  },
  {
    name: 'roles_by_pk',
    kind: uuidKind,
    multiple: true,
    sql: (alias, value) => linked('user_roles', `l.role_uuid = any(${value})`)(alias),
  },
  {
    name: 'type',
    kind: choiceKind('UserTypeEnum', USER_TYPES),
    multiple: true,
    sql: (alias, value) => `${alias}.type = any(${value})`,
  },
  'username',
  'uuid',
];

function pathFault(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  if (path.startsWith('/') || path.endsWith('/')) return 'The path may not begin or end with a slash.';
  return path.includes('//') ? 'The path may not have empty segments.' : undefined;
}

function typeFault(type: string | undefined, existing: Row | undefined): string | undefined {
  const present = existing?.['type'];
  if (type === undefined || type === present) return undefined;
  if (type === SERVERS_OWN) return 'This type is kept for accounts that the server makes.';
  return present === SERVERS_OWN ? 'The type of an account that the server made cannot be changed.' : undefined;
}

async function usernameFault(username: string | undefined, { db, existing }: Validation): Promise<string | undefined> {
  if (username === undefined) return undefined;
  // One that has such a name from before keeps it until somebody changes it.
  if (username !== existing?.['username'] && hasControls(username)) return NO_CONTROLS;
  // Beyond the equal text: another letter case or compatibility form is the same name (T09).
  return (await usernameTaken(db, username, existing && userIdOf(existing))) ? TAKEN : undefined;
}

async function validate(input: UserInput, validation: Validation): Promise<void> {
  const { ctx, db, existing } = validation;
  if (existing && !(await policy.mayControl(db, ctx.actor, userIdOf(existing)))) {
    throw permissionDenied();
  }
  const faults = Object.entries({
    username: await usernameFault(input.username, validation),
    path: pathFault(input.path),
    type: typeFault(input.type, existing),
  }).flatMap(([key, fault]) => (fault === undefined ? [] : [[key, [fault]] as const]));
  if (faults.length > 0) throw new ValidationError(Object.fromEntries(faults));
}

type UserChange = Pick<Change<Fields>, 'tx' | 'ctx' | 'before' | 'after'>;

async function refuseControl({ tx, ctx, before, after }: UserChange): Promise<void> {
  const row = after ?? before;
  if (row && !(await policy.mayControl(tx, ctx.actor, userIdOf(row)))) {
    throw permissionDenied();
  }
}

/** A change may have made somebody stronger; and whoever is deactivated has no session to come back to (A18). */
async function afterUpdate(change: UserChange): Promise<void> {
  await refuseControl(change);
  const { tx, before, after } = change;
  if (before?.['is_active'] === true && after?.['is_active'] === false) await endSessions(tx, userIdOf(after));
}

function avatarFor({ name, username }: Readonly<Record<string, Json>>): string {
  const text = [name, username].find((one) => typeof one === 'string' && one !== '');
  return avatarOf(typeof text === 'string' ? text : '');
}

/** A user (contract part 1, 3.1 and 2.5). Groups and roles add their fields. */
export const User = defineResource({
  name: 'User',
  model: 'authentik_core.user',
  path: '/core/users/',
  table: 'users',
  key: 'id',
  fields: {
    pk: f.integer({ readOnly: true, column: 'id', title: 'ID' }),
    username: f.string({ maxLength: 150, unique: TAKEN }),
    name: f.string({ blank: true, required: true, description: "User's display name." }),
    is_active: f.boolean({
      required: false,
      title: 'Active',
      description:
        'Designates whether this user should be treated as active. Unselect this instead of deleting accounts.',
    }),
    last_login: f.dateTime({ nullable: true }),
    date_joined: f.dateTime({ readOnly: true }),
    is_superuser: f.sql(f.boolean(), (alias) => `user_is_superuser(${alias}.id)`),
    email: f.email({ blank: true, title: 'Email address' }),
    avatar: f.computed(f.string(), avatarFor, {
      description: "User's avatar, either a http/https URL or a data URI",
    }),
    attributes: f.object({ required: false }),
    uid: f.string({ readOnly: true }),
    path: f.string({ required: false }),
    type: f.choice('UserTypeEnum', USER_TYPES, { required: false }),
    uuid: f.uuid({ readOnly: true }),
    password_change_date: f.dateTime({ readOnly: true }),
    last_updated: f.dateTime({ readOnly: true }),
  },
  filters,
  search: ['username', 'name', 'email', 'uuid', 'attributes'],
  ordering: ['username'],
  text: (alias) => `${alias}.username`,
  validate,
  onCreate: refuseControl,
  onUpdate: afterUpdate,
  onDelete: refuseControl,
});

/** A user as nested in other objects (contract part 1, 3.1). */
export const PartialUser = defineView(User, {
  name: 'PartialUser',
  description: 'Partial User Serializer, does not include child relations.',
  fields: {
    pk: f.integer({ readOnly: true, column: 'id', title: 'ID' }),
    username: f.string({ maxLength: 150, pattern: NAME_PATTERN }),
    name: f.string({ blank: true, required: true }),
    is_active: f.boolean({ required: false, title: 'Active' }),
    last_login: f.dateTime({ nullable: true }),
    email: f.email({ blank: true, title: 'Email address' }),
    attributes: f.object({ required: false }),
    uid: f.string({ readOnly: true }),
  },
});
