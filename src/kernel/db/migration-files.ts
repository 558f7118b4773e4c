import { pathToFileURL } from 'node:url';

/** Migrations by name (`20261201-1200-create-invitation`), each with the path of the file that exports its `sql`. */
export type MigrationFiles = ReadonlyMap<string, string>;

/**
 * Reads one migration.
 * @throws Error when the module does not export `sql`, a text of one or more statements
 */
export async function loadMigration(path: string): Promise<string> {
  const module: unknown = await import(pathToFileURL(path).href);
  if (typeof module === 'object' && module !== null && 'sql' in module && typeof module.sql === 'string') {
    return module.sql;
  }
  throw new Error(`${path}: a migration exports its statements as \`sql\`, a text.`);
}
