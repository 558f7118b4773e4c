import { objectGrants } from '../../../../kernel/authz/object-grants.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';
import { modelOf } from '../../../../kernel/resource/model.ts';
import { createParameters } from '../../../../kernel/resource/parameters.ts';
import type { Parameters } from '../../../../kernel/resource/parameters.ts';
import { createdPart } from '../../../../kernel/resource/tell.ts';
import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { Invitation } from '../resources/invitation.ts';
import { codeHash, linkSecretHash, newCode, newSecret } from '../secret.ts';
import { writtenOf } from './columns.ts';
import type { NewInvitation } from './fields.ts';
import { insertInvitation, insertShown } from './store.ts';
import type { Columns, InvitationRow, Making } from './store.ts';

/** What an invitation's owner gets to see once. */
export type Drafted = { readonly id: string; readonly code: string | undefined; readonly secret: string | undefined };

/** A new invitation of the caller that was judged and is still to be written. */
export type Draft = Drafted & {
  readonly columns: Columns;
  readonly gifts: Pick<NewInvitation, 'groups' | 'roles'>;
  /** What its event tells. */
  readonly values: JsonObject;
};

/** What gives groups or roles is not for everybody who may look at it (T14), unless somebody says so. */
const hasSecret = ({ config }: RequestContext, { secret_link: own, groups, roles }: NewInvitation): boolean =>
  own ?? config.secretLinks ?? groups.length + roles.length > 0;

/** Makes a new invitation's id, code and secret. In: what it says, and what the checks found. */
export function draftInvitation(
  ctx: RequestContext,
  input: NewInvitation,
  { columns, slug }: { readonly columns: Columns; readonly slug: string | null },
): Draft {
  const { actor, random, vault } = ctx;
  const id = random.uuid();
  const code = input.with_code ? newCode(random) : undefined;
  const secret = hasSecret(ctx, input) ? newSecret(random) : undefined;
  return {
    id,
    code,
    secret,
    gifts: input,
    values: writtenOf(input, slug),
    columns: {
      ...columns,
      invite_uuid: { value: id, type: 'uuid' },
      created_by: { value: actor?.id ?? null, type: 'integer' },
      code_hash: { value: code === undefined ? null : codeHash({ vault }, code), type: 'bytea' },
      secret_hash: { value: secret === undefined ? null : linkSecretHash({ vault }, secret), type: 'bytea' },
    },
  };
}

type Place = { readonly ctx: RequestContext; readonly db: Queryable | Transaction };

/** Writes a draft and its event by one statement. */
async function write<R>({ ctx, db }: Place, draft: Draft, insert: Inserting<R>): Promise<R> {
  const { columns, gifts, values } = draft;
  const parameters = createParameters();
  const model = modelOf(Invitation, ctx.registry);
  const told = createdPart({ ctx, model }, parameters, { values, from: 'from made t' });
  const made = await insert({ parameters, columns, gifts, tell: told.sql });
  if (made === false) return made;
  if ('isTransaction' in db) db.afterCommit(told.committed);
  else told.committed();
  return made;
}

type Inserting<R> = (making: Making) => Promise<R>;

/**
 * Writes a draft and its event by one statement. Out: whether it was still to be made.
 * @param take SQL of what is to be taken before; see {@link insertInvitation}
 */
export function writeDraft(place: Place, draft: Draft, take: (parameters: Parameters) => string): Promise<boolean> {
  return write(place, draft, (making) => insertInvitation(place.db, { ...making, take: take(making.parameters) }));
}

/** Writes a draft and its event by one statement. Out: the invitation. */
export function writeShown(place: Place, draft: Draft): Promise<InvitationRow> {
  return write(place, draft, (making) => insertShown(place.db, making));
}

/** Gives the creator what their roles get on a new invitation. */
export async function grantCreator(
  { ctx: { actor, registry }, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  id: string,
): Promise<void> {
  if (!actor?.initial.has(Invitation.model)) return;
  await registry.find(objectGrants, 'object-grants')?.created(tx, actor, { model: Invitation.model, key: id });
}
