import type { Queryable } from '../../kernel/db/types.ts';
import type { Resource } from '../../kernel/resource/resource.ts';
import { columnOf, identifier } from '../../kernel/resource/sql-text.ts';

/** Notes that a seed is applied. False when it was before; of concurrent callers one gets true. */
export async function claimSeed(db: Queryable, name: string): Promise<boolean> {
  const rows = await db.query('insert into seed (name) values ($1) on conflict do nothing returning name', [name]);
  return rows.length === 1;
}

/** The seeds applied so far. */
export async function listSeeds(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ name: string }>('select name from seed');
  return rows.map(({ name }) => name);
}

/** The key of the row of a resource whose column has that text, or null. */
export async function findKey(
  db: Queryable,
  { resource, field, value }: { readonly resource: Resource; readonly field: string; readonly value: string },
): Promise<string | number | null> {
  const text = `select ${columnOf('t', resource.key)} as key from ${identifier(resource.table)} t
    where ${columnOf('t', field)}::text = $1`;
  const [row] = await db.query<{ key: string | number }>(text, [value]);
  return row?.key ?? null;
}

export type PolicyBindingKey = { key: string; policy: string | null; type: string | null };

/** The policy bindings of some targets, in their order. */
export function listPolicyBindings(db: Queryable, targets: readonly string[]): Promise<PolicyBindingKey[]> {
  return db.query<PolicyBindingKey>(
    `select b.policy_binding_uuid as key, b.policy, p.type from policy_binding b
     left join policy p on p.policy_uuid = b.policy where b.target = any($1::uuid[])
     order by array_position($1::uuid[], b.target), b."order", b.policy_binding_uuid`,
    [targets],
  );
}
