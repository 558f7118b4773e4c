import { relative, sep } from 'node:path';
import type pg from 'pg';
import { ROOT } from '../../src/installation.ts';
import type { Discovery } from '../../src/kernel/discover.ts';
import { loadMigration } from '../../src/kernel/db/migration-files.ts';

export type ForeignKey = { readonly from: string; readonly to: string; readonly name: string };

/** The folder below `src` whose migration makes a table, by the table's name. */
export async function ownersOf({ migrations }: Discovery): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  for (const file of migrations.values()) {
    const folder = relative(ROOT, file).split(sep).slice(0, -2).join('/');
    const made = (await loadMigration(file)).matchAll(/create (?:unlogged )?table (?:if not exists )?(\w+)/gi);
    for (const [, table = ''] of made) owners.set(table, folder);
  }
  return owners;
}

/** Tables of the product and of whoever references them; the queue's and the migrator's own have no owner. */
export async function foreignKeysOf(client: pg.Client): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(
    `select conname as name, f.relname as from, t.relname as to
     from pg_constraint c join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
     where c.contype = 'f' order by conname`,
  );
  return rows;
}

/**
 * Rule 7: a feature's table is referenced by its own feature only.
 * @returns one sentence for each violation
 */
export function violations(owners: ReadonlyMap<string, string>, keys: readonly ForeignKey[]): string[] {
  return keys.flatMap(({ from, to, name }) => {
    const owner = owners.get(to);
    if (!owner?.startsWith('features/') || owners.get(from) === owner) return [];
    return [`${name}: ${from} (${owners.get(from) ?? 'of nobody'}) references ${to} (${owner})`];
  });
}
