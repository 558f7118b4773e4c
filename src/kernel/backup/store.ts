import type { ClientBase } from 'pg';

export type TableRow = { readonly name: string; readonly columns: readonly string[] };

/** The migrator's own; a restored database has its own rows there. */
const MIGRATOR = ['vestibule_migration', 'vestibule_migration_lock'];

const TABLES = `
select c.relname as name,
  array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum) as columns,
  array(select distinct r.relname::text from pg_constraint f join pg_class r on r.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as needs
from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and c.relname <> all($1)
order by c.relname`;

/** Every table of the schema with its columns, each after those that its foreign keys point at. */
export async function listTables(client: ClientBase): Promise<TableRow[]> {
  const { rows } = await client.query<TableRow & { needs: string[] }>(TABLES, [MIGRATOR]);
  const waiting = [...rows];
  const sorted: TableRow[] = [];
  const done = new Set<string>();
  while (waiting.length > 0) {
    const at = waiting.findIndex(({ needs }) => needs.every((name) => done.has(name)));
    const [next] = waiting.splice(at, at < 0 ? 0 : 1);
    if (!next) throw new Error(`Foreign keys go round in a circle: ${waiting.map(({ name }) => name).join(', ')}.`);
    done.add(next.name);
    sorted.push({ name: next.name, columns: next.columns });
  }
  return sorted;
}

/** How far each sequence came; those never used are left out. */
export async function listSequences(client: ClientBase): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; value: number }>(
    `select sequencename as name, last_value::float8 as value from pg_sequences
     where schemaname = current_schema() and last_value is not null order by sequencename`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Sets a sequence to where it was. */
export async function setSequence(client: ClientBase, name: string, value: number): Promise<void> {
  await client.query('select setval(quote_ident($1)::regclass, $2::bigint)', [name, value]);
}

/** The names of the migrations that the database has. */
export async function listMigrations(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from vestibule_migration order by name');
  return rows.map(({ name }) => name);
}

/** The database's clock. */
export async function databaseTime(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ now: string }>(
    `select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as now`,
  );
  return rows[0]?.now ?? '';
}

/** A name as SQL wants it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const listed = ({ columns }: TableRow): string => columns.map(quoteName).join(', ');

/** The statement that writes a table's rows out; in this form it takes partitioned tables too. */
export function copyOutText(table: TableRow): string {
  return `copy (select ${listed(table)} from ${quoteName(table.name)}) to stdout`;
}

/** The statement that takes rows in. */
export function copyInText(table: TableRow): string {
  return `copy ${quoteName(table.name)} (${listed(table)}) from stdin`;
}

/** Empties every table, in this transaction. */
export async function emptyTables(client: ClientBase, tables: readonly TableRow[]): Promise<void> {
  await client.query(`truncate ${tables.map(({ name }) => quoteName(name)).join(', ')}`);
}

/** Lets the tables' own triggers rest: the rows carry what they would make. Foreign keys are checked all the same. */
export async function setTriggers(client: ClientBase, tables: readonly TableRow[], on: boolean): Promise<void> {
  await client.query('set constraints all immediate');
  const verb = on ? 'enable' : 'disable';
  for (const { name } of tables) await client.query(`alter table ${quoteName(name)} ${verb} trigger user`);
}
