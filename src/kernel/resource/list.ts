import type { RequestContext } from '../context.ts';
import type { Parameter } from '../db/types.ts';
import { ValidationError } from '../errors/api-error.ts';
import type { Faults } from '../errors/api-error.ts';
import { jsonText, JsonText } from '../schema/types.ts';
import { countSql } from './count.ts';
import type { Narrowed } from './count.ts';
import { referring } from './conditions.ts';
import type { Condition } from './conditions.ts';
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

/** Whose list it is, and where the rows are. */
export type Asker = Pick<RequestContext, 'actor' | 'db'>;

/** A resource's list, made ready once. */
export type List = {
  readonly filters: readonly ReadyFilter[];
  /** `from … where …` of the rows, under alias t, that the filters and the search of a query leave. Throws 400. */
  clause(asker: Asker, query: URLSearchParams, parameters: Parameters): Promise<string>;
  /** What comes after `order by` for a query. */
  order(query: URLSearchParams): string;
  run(ctx: RequestContext, query: URLSearchParams, excluded: Excluded): Promise<JsonText>;
};

/** Makes a resource's list; throws for filters, search fields or orderings that name nothing. */
export function createList(model: Model): List {
  const filters = readyFilters(model);
  const search = createSearch(model);
  const ordering = createOrdering(model);
  async function narrow(ctx: Asker, query: URLSearchParams, parameters: Parameters): Promise<Narrowed> {
    const scope = scopeConditions(ctx, model, parameters);
    const asked = readFilters(filters, query);
    const words = search.read(query);
    const set: Condition[] = [];
    for (const one of asked) set.push(await conditionOf(one, { ctx, query, parameters }));
    const searched: string[] = [];
    for (const word of words) searched.push(await search.condition(ctx, word, parameters));
    const where = [model.visible, ...scope, ...set.map(({ sql }) => `(${sql})`), ...searched];
    const clause = `from ${model.rows} where ${where.join(' and ')}`;
    return { clause, filters: set, further: scope.length > 0, searched: searched.length > 0 };
  }
  return {
    filters,
    clause: async (ctx, query, parameters) => (await narrow(ctx, query, parameters)).clause,
    order: (query) => ordering(last(query, 'ordering')),
    async run(ctx, query, excluded) {
      const parameters = createParameters();
      const narrowed = await narrow(ctx, query, parameters);
      const order = ordering(last(query, 'ordering'));
      return page(ctx, model, { narrowed, order, parameters, query, excluded });
    },
  };
}

/** A filter that is set, and to what. */
type SetTo = { readonly filter: ReadyFilter; readonly values: readonly unknown[] };

/** The filters that a query sets. Throws 400, all bad ones at once. */
function readFilters(filters: readonly ReadyFilter[], query: URLSearchParams): SetTo[] {
  const set: SetTo[] = [];
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
    if (values.length > 0) set.push({ filter, values });
  }
  if (Object.keys(faults).length > 0) throw new ValidationError(faults);
  return set;
}

type Asking = { readonly ctx: Asker; readonly query: URLSearchParams; readonly parameters: Parameters };

async function conditionOf({ filter, values }: SetTo, { ctx, query, parameters }: Asking): Promise<Condition> {
  const { kind, path } = filter;
  if (path?.reference) {
    const value = kind.encode(values[0]);
    const condition = (expression: string, place: string): string => `${expression} = ${place}`;
    return referring(ctx, { reference: path.reference, parameters }, { value, sqlType: kind.sqlType, condition });
  }
  const place = placeOf(filter, values, parameters);
  const sql = filter.sql(ALIAS, place, query);
  const column = path?.column;
  if (column === undefined) return { sql };
  return { sql, equals: { column, matches: (text) => `${text} = (${place})::text` } };
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

// Up to so many rows of a search are found first and put in order then; of more the order's index meets a page's worth soon.
const FEW = 5000;

async function page(
  ctx: RequestContext,
  model: Model,
  { narrowed, order, parameters, query, excluded }: Page,
): Promise<JsonText> {
  const { clause } = narrowed;
  const counting = countSql(model, narrowed);
  const prepare = model.mayPrepare(`${clause} ${order}`);
  const [counted] = await ctx.db.query<{ count: number }>(counting, parameters.values, {
    prepare: prepare && !narrowed.searched,
  });
  const count = counted?.count ?? 0;
  const { size, offset, pagination } = pageOf(query, count);
  const limit = `limit ${parameters.add(size, 'integer')} offset ${parameters.add(offset, 'bigint')}`;
  const ordered = `order by ${order}`;
  const among = (found: string): string =>
    `from ${model.rows} where ${model.key} = any(array(select ${model.key} ${found})) ${ordered}`;
  const asIs = `${clause} ${ordered} ${limit}`;
  const deep = offset >= DEEP;
  const few = narrowed.searched && count <= FEW;
  const from = few ? `${among(clause)} ${limit}` : deep ? among(asIs) : asIs;
  const text = model.show(from, excluded);
  // How often a pattern matches decides on the plan, so it is planned knowing it.
  const options = { prepare: prepare && !deep && !narrowed.searched };
  const rows = count === 0 ? [] : await ctx.db.query<{ value: string }>(text, parameters.values, options);
  const results = rows.map(({ value }) => jsonText(model.present(value, ctx)));
  return new JsonText(`{"pagination":${JSON.stringify(pagination)},"results":[${results.join()}],"autocomplete":{}}`);
}
