import { BEFORE } from './change-sql.ts';
import type { Along } from './change-sql.ts';
import type { Field, OnDelete } from './field.ts';
import { modelOf, visibleSql } from './model.ts';
import type { Model } from './model.ts';
import { resource as resourcePoint } from './resource.ts';
import type { Presentable } from './resource.ts';
import { aliasOf, columnRef, rowsOf } from './show-sql.ts';
import { columnOf } from './sql-text.ts';

/** What goes: of what kind it is, and SQL of its keys. */
type Going = { readonly target: Presentable; readonly keys: string };

/** The rows that go, and those that they own. */
function* goingOf({ resource, fields }: Model, from: string): Generator<Going> {
  yield { target: resource, keys: `select ${columnOf(BEFORE, resource.key)} ${from}` };
  for (const [key, { owns }] of Object.entries(fields)) {
    if (!owns) continue;
    const column = columnRef({ target: resource, fields, alias: BEFORE }, key);
    yield { target: owns(), keys: `select ${column} ${from}` };
  }
}

/** The column of a field that points at the target, and what becomes of its row. */
function pointing(
  key: string,
  { source }: Field,
  target: Presentable,
): { column: string; onDelete: OnDelete } | undefined {
  if (source.from !== 'reference' && source.from !== 'nested') return undefined;
  if (source.from === 'nested' && source.via !== undefined) return undefined;
  const { table } = source.target();
  if (table !== target.table && table !== target.base?.table) return undefined;
  return { column: source.column ?? key, onDelete: source.onDelete };
}

/** Faces of one table declare the same reference, so columns are distinct. */
function columnsOf({ resource, fields }: Model, target: Presentable, wanted: OnDelete) {
  const columns = new Map<string, string>();
  for (const [key, field] of Object.entries(fields)) {
    const found = pointing(key, field, target);
    if (found?.onDelete !== wanted) continue;
    columns.set(found.column, columnOf(aliasOf(resource, key, BEFORE), found.column));
  }
  return columns;
}

/**
 * What a deletion does to other rows that the API shows: they go with a row that they point at, also by way of what goes
 * with it, or lose a reference. In: the `from` clause that gives the rows that go as they were. What the API does not
 * show was gone for it before.
 */
export function* goingAlong(model: Model, from: string, seen: ReadonlySet<string> = new Set()): Generator<Along> {
  const { resource, registry } = model;
  const known = new Set([...seen, resource.table]);
  for (const { target, keys } of goingOf(model, from)) {
    for (const other of registry.all(resourcePoint)) {
      if (known.has(other.table) || other.except.includes('list')) continue;
      const of = modelOf(other, registry);
      const rowsWith = (columns: Iterable<string>): string => {
        const reached = [...columns].map((column) => `${column} in (${keys})`).join(' or ');
        return `from ${rowsOf(other, BEFORE)} where (${reached}) and ${visibleSql(other, BEFORE)}`;
      };
      const cascading = columnsOf(of, target, 'cascade');
      const emptied = columnsOf(of, target, 'set_null');
      if (cascading.size + emptied.size > 0) known.add(other.table);
      if (cascading.size > 0) {
        const rows = rowsWith(cascading.values());
        yield { model: of, action: 'model_deleted', from: rows };
        yield* goingAlong(of, rows, known);
      }
      if (emptied.size > 0) {
        const columns = new Set(emptied.keys());
        yield { model: of, action: 'model_updated', from: rowsWith(emptied.values()), columns, emptied: keys };
      }
    }
  }
}
