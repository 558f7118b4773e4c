import { keyKind } from './kinds/reference.ts';
import type { Model } from './model.ts';
import { ALIAS } from './model.ts';
import { getPath } from './paths.ts';
import type { Path } from './paths.ts';
import { columnNameOf } from './show-sql.ts';

/** One thing that a list is ordered by: SQL over alias t, its type, and whether it is computed, so that no index has it. */
export type Criterion = {
  readonly value: string;
  readonly sqlType: string;
  readonly computed?: boolean;
  readonly descending: boolean;
};

type Term = { readonly path: Path; readonly descending: boolean };

/**
 * What a list is ordered by: the names asked for that are allowed, else the usual ones. Rows that are alike in them
 * stand in the usual order and then by key, all in the direction of the last name: so one index on (column, usual column,
 * key) serves both directions.
 */
export function createOrdering(model: Model): (asked: string | undefined) => readonly Criterion[] {
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
    const descending = terms.at(-1)?.descending === true;
    const criteria = terms.map((term) => ({ ...ranked(term.path), descending: term.descending }));
    const tied = chosen.length > 0 ? usual.map(({ path }) => ranked(path)) : [];
    for (const one of [...tied, { value: model.key, sqlType: keyKind(model.resource).sqlType }]) {
      if (!criteria.some(({ value }) => value === one.value)) criteria.push({ ...one, descending });
    }
    return criteria;
  };
}

/** What comes after `order by`; backwards is exactly the other way round. */
export function orderSql(criteria: readonly Criterion[], backwards = false): string {
  return criteria.map(({ value, descending }) => `${value} ${descending === backwards ? 'asc' : 'desc'}`).join(', ');
}

function termsOf(names: readonly string[], find: (name: string) => Path | undefined): Term[] {
  return names.flatMap((signed) => {
    const path = find(signed.replace(/^-/, ''));
    return path ? [{ path, descending: signed.startsWith('-') }] : [];
  });
}

// The collation is named because a database brings its own, and the order is visible on the wire.
function ranked(path: Path): Omit<Criterion, 'descending'> {
  const value = path.value(ALIAS);
  const { sqlType } = path.kind;
  if (sqlType === 'text') return { value: `${value} collate "C"`, sqlType };
  return sqlType === 'jsonb'
    ? { value: `${value}::text collate "C"`, sqlType: 'text', computed: true }
    : { value, sqlType };
}
