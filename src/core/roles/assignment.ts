import type { RequestContext } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/db/types.ts';
import { noMatch, notFound, permissionDenied, ValidationError } from '../../kernel/errors/index.ts';
import type { Registry } from '../../kernel/feature.ts';
import { defineShape, f } from '../../kernel/resource/fields.ts';
import { modelOf } from '../../kernel/resource/model.ts';
import { resource } from '../../kernel/resource/resource.ts';
import type { Resource } from '../../kernel/resource/resource.ts';
import { tellLinks } from '../../kernel/resource/tell.ts';
import { parseUuid } from '../../kernel/schema/uuid.ts';
import { policy } from './policy.ts';
import { Role } from './resources/role.ts';
import { findObjectKey, findPermission, roleExists } from './store.ts';
import type { Assignment } from './store.ts';

export const PermissionAssign = defineShape(
  'PermissionAssign',
  {
    permissions: f.list(f.string()),
    // Any model that is registered; the published list also has those that are not.
    model: f.string({ required: false }),
    object_pk: f.string({ required: false }),
  },
  { description: 'Request to assign a new permission' },
);

/** What is given or taken, with what events call it. */
export type NamedAssignment = Assignment & {
  /** The permissions' names, in the order of their ids. */
  readonly names: readonly string[];
  /** The model of the object, where it is about one. */
  readonly model: string | undefined;
};

type Body = { readonly permissions?: readonly string[]; readonly model?: string; readonly object_pk?: string };

/** The role of the path. Throws 404. */
export async function roleOfPath(db: Queryable, text: string | undefined): Promise<string> {
  const role = parseUuid(text ?? '');
  if (role === undefined) throw notFound();
  if (!(await roleExists(db, role))) throw noMatch('Role');
  return role;
}

function resourceOf(registry: Registry, model: string): Resource | undefined {
  return registry.all(resource).find((one) => one.model === model);
}

/** The primary key of the object that is named, as the database writes it. Throws 400 where there is none. */
async function objectOf({ db, registry }: RequestContext, { model, object_pk: pk }: Body): Promise<string | undefined> {
  if (pk === undefined) return undefined;
  if (model === undefined) throw new ValidationError({ model: ['This field is required when an object is given.'] });
  const of = resourceOf(registry, model);
  if (!of) throw new ValidationError({ model: ['There are no objects of this model here.'] });
  const key = await findObjectKey(db, of, pk);
  if (key === undefined) throw new ValidationError({ object_pk: ['There is no such object.'] });
  return key;
}

async function permissionId({ db }: RequestContext, name: string, { model }: Body): Promise<number> {
  const found = await findPermission(db, name);
  if (!found) throw new ValidationError({ permissions: [`There is no permission "${name}".`] });
  // Of a single object only what is about its model can be granted.
  if (model !== undefined && found.model !== model) {
    throw new ValidationError({ permissions: [`The permission "${name}" is not about ${model}.`] });
  }
  return found.id;
}

/** `view_user` with a model is short for `app_label.view_user`. */
function fullName(name: string, { model }: Body): string {
  return name.includes('.') || model === undefined ? name : `${model.slice(0, model.indexOf('.'))}.${name}`;
}

/** Checks what is to be given or taken. Throws 400, and 403 for what the caller does not have (A23). */
export async function readAssignment(ctx: RequestContext, role: string, body: Body): Promise<NamedAssignment> {
  const names = [...new Set((body.permissions ?? []).map((name) => fullName(name, body)))];
  const ids: number[] = [];
  for (const name of names) ids.push(await permissionId(ctx, name, body));
  const objectPk = await objectOf(ctx, body);
  for (const permission of names) {
    if (!(await policy.mayGrant(ctx.db, ctx.actor, { permission, objectPk }))) throw permissionDenied();
  }
  return { role, permissions: ids, objectPk, names, model: objectPk === undefined ? undefined : body.model };
}

/** Writes the event of what was given to a role or taken from it. In: the ids of the permissions that changed hands. */
export async function tellAssignment(
  ctx: RequestContext,
  tx: Transaction,
  of: { readonly verb: 'add' | 'remove'; readonly assignment: NamedAssignment; readonly changed: readonly number[] },
): Promise<void> {
  const { role, permissions, names, model, objectPk } = of.assignment;
  const changed = names.filter((_name, index) => of.changed.includes(permissions[index] ?? NaN));
  await tellLinks(
    tx,
    { ctx, model: modelOf(Role, ctx.registry), key: role },
    {
      verb: of.verb,
      links: { permissions: changed },
      ...(objectPk === undefined ? {} : { more: { object: { model: model ?? null, pk: objectPk } } }),
    },
  );
}
