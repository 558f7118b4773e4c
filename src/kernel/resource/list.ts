import type { RequestContext } from '../context.ts';
import type { Parameter } from '../db/types.ts';
import { ValidationError } from '../errors/api-error.ts';
import type { Faults } from '../errors/api-error.ts';
import { jsonText, JsonText } from '../schema/types.ts';
import { countSql } from './count.ts';
import type { Narrowed, SetFilter } from './count.ts';
import { readFilterText, readyFilters } from './filters.ts';
import type { ReadyFilter } from './filters.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import { last, pageOf } from './pages.ts';
import { createParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { createOrdering } from './ordering.ts';
import { scopeConditions } from './scope.ts';
import { createSearch } from './search.ts';
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
  const search = createSearch(model);
  const ordering = createOrdering(model);
  function narrow(ctx: Pick<RequestContext, 'actor'>, query: URLSearchParams, parameters: Parameters): Narrowed {
    const scope = scopeConditions(ctx, model, parameters);
    const set = setFilters(filters, query, parameters);
    const searched = search(query, parameters);
    const filtered = set.map(({ filter, place }) => `(${filter.sql(ALIAS, place, query)})`);
    const where = [model.visible, ...scope, ...filtered, ...searched];
    const clause = `from ${model.rows} where ${where.join(' and ')}`;
    return { clause, filters: set, further: scope.length + searched.length > 0 };
  }
  return {
    filters,
    clause: (ctx, query, parameters) => narrow(ctx, query, parameters).clause,
    order: (query) => ordering(last(query, 'ordering')),
    async run(ctx, query, excluded) {
      const parameters = createParameters();
      const narrowed = narrow(ctx, query, parameters);
      const order = ordering(last(query, 'ordering'));
      return page(ctx, model, { narrowed, order, parameters, query, excluded });
    },
  };
}

/** The filters that a query sets. Throws 400, all bad ones at once. */
function setFilters(filters: readonly ReadyFilter[], query: URLSearchParams, parameters: Parameters): SetFilter[] {
  const set: SetFilter[] = [];
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
    if (values.length > 0) set.push({ filter, place: placeOf(filter, values, parameters) });
  }
  if (Object.keys(faults).length > 0) throw new ValidationError(faults);
  return set;
}

function placeOf({ kind, multiple }: ReadyFilter, values: readonly unknown[], parameters: Parameters): string {
  const encoded: Parameter[] = values.map((value) => kind.encode(value));
  if (multiple) return parameters.add(encoded.map(String), `${kind.sqlType}[]`);
  return parameters.add(encoded[0] ?? null, kind.sqlType);
}

type Page = {
  readonly narrowed: Narrowed;
  readonly order: string;
  readonly parameters: Parameters;
  readonly query: URLSearchParams;
  readonly excluded: Excluded;
};

/** Rows that are passed over are only keys from here on: what a row shows is made of those of the page alone. */
const DEEP = 1000;

async function page(
  ctx: RequestContext,
  model: Model,
  { narrowed, order, parameters, query, excluded }: Page,
): Promise<JsonText> {
  const { clause } = narrowed;
  const counting = countSql(model, narrowed);
  const prepare = model.mayPrepare(`${clause} ${order}`);
  const [counted] = await ctx.db.query<{ count: number }>(counting, parameters.values, { prepare });
  const count = counted?.count ?? 0;
  const { size, offset, pagination } = pageOf(query, count);
  const limit = `limit ${parameters.add(size, 'integer')} offset ${parameters.add(offset, 'bigint')}`;
  const found = `${clause} order by ${order} ${limit}`;
  const keys = `${model.key} = any(array(select ${model.key} ${found}))`;
  const from = offset < DEEP ? found : `from ${model.rows} where ${keys} order by ${order}`;
  const text = model.show(from, excluded);
  const options = { prepare: prepare && offset < DEEP };
  const rows = count === 0 ? [] : await ctx.db.query<{ value: string }>(text, parameters.values, options);
  const results = rows.map(({ value }) => jsonText(model.present(value, ctx)));
  return new JsonText(`{"pagination":${JSON.stringify(pagination)},"results":[${results.join()}],"autocomplete":{}}`);
}
