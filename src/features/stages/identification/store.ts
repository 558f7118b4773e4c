import type { Queryable } from '../../../kernel/db/types.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import type { UserField } from './user-fields.ts';

const FIND = `select id, is_active as "isActive" from users where`;
const FEW = 'order by is_active desc limit 2';
// Addresses need not be unique, so who gives somebody else's must not take their sign-in by address from them (T24).
const OWNER = 'order by is_active desc, email_proven desc, coalesce(email_since, date_joined), id limit 1';

// The first condition of each is what an index answers; the exact comparison comes on top of it.
const MATCHES: { readonly [field in UserField]: { readonly loose: string; readonly exact: string } } = {
  username: {
    loose: `${FIND} lower(normalize(username, NFKC)) = lower(normalize($1, NFKC)) ${FEW}`,
    exact: `${FIND} lower(normalize(username, NFKC)) = lower(normalize($1, NFKC)) and username = $1 ${FEW}`,
  },
  email: {
    loose: `${FIND} lower(email) = lower($1) and email <> '' ${OWNER}`,
    exact: `${FIND} lower(email) = lower($1) and email = $1 and email <> '' ${OWNER}`,
  },
  upn: {
    loose: `${FIND} lower(attributes ->> 'upn') = lower($1) ${FEW}`,
    exact: `${FIND} attributes ->> 'upn' = $1 ${FEW}`,
  },
};

/**
 * Up to two users whose field is the typed text; of an address one: who proved it by mail, else who has it longest (decision
 * 0250). Inactive ones count only without an active one: whoever began an account with somebody's address, and did not prove
 * it, does not take their sign-in by address from them (T09).
 */
export async function findMatches(
  db: Queryable,
  field: UserField,
  typed: { readonly text: string; readonly anyCase: boolean },
): Promise<number[]> {
  const { loose, exact } = MATCHES[field];
  const rows = await db.query<{ id: number; isActive: boolean }>(typed.anyCase ? loose : exact, [typed.text]);
  const active = rows.filter(({ isActive }) => isActive);
  return (active.length > 0 ? active : rows).map(({ id }) => id);
}

/** The type of a stage, undefined when it is gone. */
export async function findStageType(db: Queryable, stage: string): Promise<string | undefined> {
  const [row] = await db.query<{ type: string }>('select type from stage where stage_uuid = $1', [stage]);
  return row?.type;
}

/**
 * The settings of an embedded stage.
 * @param table a constant of that stage's definition, never input
 */
export async function findEmbedded(db: Queryable, table: string, stage: string): Promise<JsonObject | undefined> {
  const text = `select to_jsonb(t) as settings from ${table} t where t.stage_uuid = $1`;
  const [row] = await db.query<{ settings: JsonObject }>(text, [stage]);
  return isJsonObject(row?.settings) ? row.settings : undefined;
}

/** The slugs of flows by their ids. */
export async function findSlugs(db: Queryable, flows: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const text = 'select flow_uuid, slug from flow where flow_uuid = any($1::uuid[])';
  const rows = flows.length === 0 ? [] : await db.query<{ flow_uuid: string; slug: string }>(text, [flows]);
  return new Map(rows.map((row) => [row.flow_uuid, row.slug]));
}
