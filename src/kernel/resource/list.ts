import type { RequestContext } from '../context.ts';
import type { Parameter } from '../db/types.ts';
import { ValidationError } from '../errors/api-error.ts';
import type { Faults } from '../errors/api-error.ts';
import { jsonText, JsonText } from '../schema/types.ts';
import { readFilterText, readyFilters } from './filters.ts';
import type { ReadyFilter } from './filters.ts';
import { bad } from './field.ts';
import { wireTime } from './kinds/scalar.ts';
import { messages } from './messages.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import { last, pageOf } from './pages.ts';
import { createParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { getPath } from './paths.ts';
import type { Path } from './paths.ts';
import { scopeConditions } from './scope.ts';
import { columnNameOf } from './show-sql.ts';
import type { Excluded } from './show-sql.ts';

/** A resource's list, made ready once. */
export type List = {
  readonly filters: readonly ReadyFilter[];
  /** `from … where …` of the rows, under alias t, that the filters and the search of a query leave. Throws 400. */
  clause(asker: Pick<RequestContext, 'actor'>, query: URLSearchParams, parameters: Parameters): string;
  /** What comes after `order by` for a query. */
  order(query: URLSearchParams): string;
  run(ctx: RequestContext, query: URLSearchParams, excluded: Excluded): Promise<JsonText>;
};

/** Makes a resource's list; throws for filters, search fields or orderings that name nothing. */
export function createList(model: Model): List {
  const filters = readyFilters(model);
  const search = model.resource.search.map((name) => getPath(model, name));
  const ordering = createOrdering(model);
  const clauseOf: List['clause'] = (asker, query, parameters) => {
    const where = [
      model.visible,
      ...scopeConditions(asker, model, parameters),
      ...filterConditions(filters, query, parameters),
      ...searchConditions(search, query, parameters),
    ];
    return `from ${model.rows} where ${where.join(' and ')}`;
  };
  return {
    filters,
    clause: clauseOf,
    order: (query) => ordering(last(query, 'ordering')),
    async run(ctx, query, excluded) {
      const parameters = createParameters();
      const clause = clauseOf(ctx, query, parameters);
      const order = ordering(last(query, 'ordering'));
      return page(ctx, model, { clause, order, parameters, query, excluded });
    },
  };
}

function filterConditions(filters: readonly ReadyFilter[], query: URLSearchParams, parameters: Parameters): string[] {
  const conditions: string[] = [];
  const faults: Record<string, Faults> = {};
  for (const filter of filters) {
    const texts = filter.multiple
      ? query.getAll(filter.name).filter((text) => text !== '')
      : [last(query, filter.name)];
    const values: unknown[] = [];
    for (const text of texts) {
      const read = text === undefined ? undefined : readFilterText(filter.kind, text);
      if (read === undefined) continue;
      if ('faults' in read) faults[filter.name] = read.faults;
      else values.push(read.value);
    }
    if (values.length === 0) continue;
    conditions.push(`(${filter.sql(ALIAS, placeOf(filter, values, parameters), query)})`);
  }
  if (Object.keys(faults).length > 0) throw new ValidationError(faults);
  return conditions;
}

function placeOf({ kind, multiple }: ReadyFilter, values: readonly unknown[], parameters: Parameters): string {
  const encoded: Parameter[] = values.map((value) => kind.encode(value));
  if (multiple) return parameters.add(encoded.map(String), `${kind.sqlType}[]`);
  return parameters.add(encoded[0] ?? null, kind.sqlType);
}

// Each word is a condition for every field searched: without a bound a query string could keep the database busy.
const MAX_WORDS = 32;

/** Case-insensitive substring; each word in at least one field; other types by their wire text (contract 1.6). */
function searchConditions(paths: readonly Path[], query: URLSearchParams, parameters: Parameters): string[] {
  const words = (last(query, 'search') ?? '').split(/\s+/).filter((word) => word !== '');
  if (paths.length === 0) return [];
  if (words.length > MAX_WORDS)
    throw new ValidationError({ search: [`Ensure this field has at most ${MAX_WORDS} words.`] });
  if (words.some((word) => word.includes('\0')))
    throw new ValidationError({ search: bad('invalid', messages.nul).faults });
  return words.map((word) => {
    const place = parameters.add(`%${word.replace(/[\\%_]/g, '\\$&')}%`, 'text');
    return `(${paths.map((path) => path.where(ALIAS, (x) => `${textOf(path, x)} ilike ${place}`)).join(' or ')})`;
  });
}

function textOf({ kind }: Path, expression: string): string {
  if (kind.name === 'dateTime') return wireTime(expression);
  return kind.sqlType === 'text' ? expression : `${expression}::text`;
}

/** The order of a list as SQL: the names asked for that are allowed, else the default; always ended by the key. */
function createOrdering(model: Model): (asked: string | undefined) => string {
  const { resource, fields } = model;
  const columns = Object.entries(fields).filter(
    ([key, field]) => columnNameOf(key, field) !== undefined || field.source.from === 'nested',
  );
  const allowed = new Map(
    (resource.orderable ?? columns.map(([key]) => key)).map((name) => [name, getPath(model, name)]),
  );
  const terms = (names: readonly string[], find: (name: string) => Path | undefined): string[] =>
    names.flatMap((signed) => {
      const path = find(signed.replace(/^-/, ''));
      return path ? [`${orderValue(path)} ${signed.startsWith('-') ? 'desc' : 'asc'}`] : [];
    });
  const usual = terms(resource.ordering, (name) => getPath(model, name));
  return (asked) => {
    const names = (asked ?? '').split(',', 10).map((name) => name.trim());
    const chosen = terms(names, (name) => allowed.get(name));
    return [...(chosen.length > 0 ? chosen : usual), model.key].join(', ');
  };
}

// The collation is named because a database brings its own, and the order is visible on the wire.
function orderValue(path: Path): string {
  const value = path.value(ALIAS);
  if (path.kind.sqlType === 'text') return `${value} collate "C"`;
  return path.kind.sqlType === 'jsonb' ? `${value}::text collate "C"` : value;
}

type Page = {
  readonly clause: string;
  readonly order: string;
  readonly parameters: Parameters;
  readonly query: URLSearchParams;
  readonly excluded: Excluded;
};

async function page(
  ctx: RequestContext,
  model: Model,
  { clause, order, parameters, query, excluded }: Page,
): Promise<JsonText> {
  const counting = `select count(*)::integer as count ${clause}`;
  const options = { prepare: model.mayPrepare(`${clause} ${order}`) };
  const [counted] = await ctx.db.query<{ count: number }>(counting, parameters.values, options);
  const count = counted?.count ?? 0;
  const { size, offset, pagination } = pageOf(query, count);
  const limit = `limit ${parameters.add(size, 'integer')} offset ${parameters.add(offset, 'bigint')}`;
  const text = model.show(`${clause} order by ${order} ${limit}`, excluded);
  const rows = count === 0 ? [] : await ctx.db.query<{ value: string }>(text, parameters.values, options);
  const results = rows.map(({ value }) => jsonText(model.present(value, ctx)));
  return new JsonText(`{"pagination":${JSON.stringify(pagination)},"results":[${results.join()}],"autocomplete":{}}`);
}
