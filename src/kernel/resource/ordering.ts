import type { Model } from './model.ts';
import { ALIAS } from './model.ts';
import { getPath } from './paths.ts';
import type { Path } from './paths.ts';
import { columnNameOf } from './show-sql.ts';

type Term = { readonly path: Path; readonly descending: boolean };

/**
 * The order of a list as SQL: the names asked for that are allowed, else the usual ones. Rows that are alike in them
 * stand in the usual order and then by key, all in the direction of the last name: so one index on (column, usual column,
 * key) serves both directions.
 */
export function createOrdering(model: Model): (asked: string | undefined) => string {
  const { resource, fields } = model;
  const columns = Object.entries(fields).filter(
    ([key, field]) => columnNameOf(key, field) !== undefined || field.source.from === 'nested',
  );
  const allowed = new Map(
    (resource.orderable ?? columns.map(([key]) => key)).map((name) => [name, getPath(model, name)]),
  );
  const usual = termsOf(resource.ordering, (name) => getPath(model, name));
  return (asked) => {
    const names = (asked ?? '').split(',', 10).map((name) => name.trim());
    const chosen = termsOf(names, (name) => allowed.get(name));
    const terms = chosen.length > 0 ? chosen : usual;
    const direction = directionOf(terms.at(-1));
    const tied = chosen.length > 0 ? usual.map(({ path }) => `${orderValue(path)} ${direction}`) : [];
    const sql = [...terms.map((term) => `${orderValue(term.path)} ${directionOf(term)}`), ...tied];
    return [...new Set([...sql, `${model.key} ${direction}`])].join(', ');
  };
}

function termsOf(names: readonly string[], find: (name: string) => Path | undefined): Term[] {
  return names.flatMap((signed) => {
    const path = find(signed.replace(/^-/, ''));
    return path ? [{ path, descending: signed.startsWith('-') }] : [];
  });
}

function directionOf(term: Term | undefined): string {
  return term?.descending === true ? 'desc' : 'asc';
}

// The collation is named because a database brings its own, and the order is visible on the wire.
function orderValue(path: Path): string {
  const value = path.value(ALIAS);
  if (path.kind.sqlType === 'text') return `${value} collate "C"`;
  return path.kind.sqlType === 'jsonb' ? `${value}::text collate "C"` : value;
}
