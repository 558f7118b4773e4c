import { BEFORE } from './change-sql.ts';
import type { Field } from './field.ts';
import { modelOf, visibleSql } from './model.ts';
import type { Model } from './model.ts';
import { resource as resourcePoint } from './resource.ts';
import type { Resource } from './resource.ts';
import { aliasOf, rowsOf } from './show-sql.ts';
import { columnOf } from './sql-text.ts';

/** Rows that go with a deleted one: their model, and the `from` clause that gives them as they were. */
export type Along = { readonly model: Model; readonly from: string };

/** The column of a field whose row goes with the one that it points at. */
function cascading(key: string, { source }: Field, target: Resource): string | undefined {
  if (source.from !== 'reference' && source.from !== 'nested') return undefined;
  if (source.onDelete !== 'cascade' || (source.from === 'nested' && source.via !== undefined)) return undefined;
  const { table } = source.target();
  return table === target.table || table === target.base?.table ? (source.column ?? key) : undefined;
}

/**
 * What else the API shows goes with a row, also by way of what goes with it. In: SQL of the keys of the rows that go.
 * Only what is visible: the rest was gone for the API before.
 */
export function* goingAlong(model: Model, keys: string, seen: ReadonlySet<string> = new Set()): Generator<Along> {
  const { resource, registry } = model;
  const known = new Set([...seen, resource.table]);
  for (const other of registry.all(resourcePoint)) {
    if (known.has(other.table) || other.except.includes('list')) continue;
    const of = modelOf(other, registry);
    const columns = Object.entries(of.fields).flatMap(([key, field]) => {
      const column = cascading(key, field, resource);
      return column === undefined ? [] : [columnOf(aliasOf(other, key, BEFORE), column)];
    });
    if (columns.length === 0) continue;
    // Faces of one table declare the same reference; its rows go once.
    known.add(other.table);
    const rows = [...new Set(columns)].map((column) => `${column} in (${keys})`).join(' or ');
    const from = `from ${rowsOf(other, BEFORE)} where (${rows}) and ${visibleSql(other, BEFORE)}`;
    yield { model: of, from };
    yield* goingAlong(of, `select ${columnOf(BEFORE, other.key)} ${from}`, known);
  }
}
