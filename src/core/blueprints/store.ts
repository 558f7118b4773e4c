import type { Queryable } from '../../kernel/db/types.ts';

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
