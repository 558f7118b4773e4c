import type { RequestContext } from '../context.ts';
import type { Parameter } from '../db/types.ts';
import { isOverdue } from '../db/errors.ts';
import { enqueue } from '../tasks/task.ts';
import { ValidationError } from '../errors/api-error.ts';
import type { Faults } from '../errors/api-error.ts';
import { searchTooWide } from '../errors/catalogue.ts';
import { jsonText, JsonText } from '../schema/types.ts';
import type { JsonObject } from '../schema/types.ts';
import { countedSql, heavySql, isCounted } from './count.ts';
import type { Heavy, Narrowed } from './count.ts';
import { nameValue } from './count-values.ts';
import type { CountedValue } from './count-values.ts';
import { referring } from './conditions.ts';
import type { Condition } from './conditions.ts';
import { readFilterText, readyFilters } from './filters.ts';
import { keyKind } from './kinds/reference.ts';
import type { ReadyFilter } from './filters.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import { askedPage, last, pageOf, pageSizeOf } from './pages.ts';
import { copyOf, createParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { createOrdering, orderSql } from './ordering.ts';
import type { Criterion } from './ordering.ts';
import { scopeConditions } from './scope.ts';
import { createSearch } from './search.ts';
import type { Excluded } from './show-sql.ts';
import { settleRowCounts } from './tasks.ts';

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
    const filtered = set.some(({ equals }) => equals === undefined || !isCounted(model, equals.column));
    const searched = await search.conditions(ctx, words, { parameters, filtered });
    const condition = [...scope, ...set.map(({ sql }) => `(${sql})`), ...searched].join(' and ') || 'true';
    const clause = `from ${model.rows} where ${model.visible} and ${condition}`;
    const several = searched.length > 0 || set.length > 1 || asked.some(({ values }) => values.length > 1);
    return { clause, condition, filters: set, further: scope.length > 0, searched: searched.length > 0, several };
  }
  return {
    filters,
    clause: async (ctx, query, parameters) => (await narrow(ctx, query, parameters)).clause,
    order: (query) => orderSql(ordering(last(query, 'ordering'))),
    async run(ctx, query, excluded) {
      const parameters = createParameters();
      const narrowed = await narrow(ctx, query, parameters);
      const order = ordering(last(query, 'ordering'));
      return page(ctx, model, { narrowed, order, parameters, query, excluded }).catch((error: unknown) => {
        throw narrowed.searched && isOverdue(error) ? searchTooWide() : error;
      });
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
  if (filter.equals === undefined) return { sql };
  const texts = filter.multiple ? `(${place})::text[]` : `array[${countedText(kind, place)}]`;
  return { sql, equals: { column: filter.equals, texts } };
}

// As count_rows writes it, whatever the connection's settings are.
function countedText({ sqlType }: ReadyFilter['kind'], place: string): string {
  return sqlType === 'timestamptz' ? `to_json(${place} at time zone 'UTC') #>> '{}'` : `(${place})::text`;
}

function placeOf({ kind, multiple }: ReadyFilter, values: readonly unknown[], parameters: Parameters): string {
  const encoded: Parameter[] = values.map((value) => kind.encode(value));
  if (multiple) return parameters.add(encoded.map(String), `${kind.sqlType}[]`);
  return parameters.add(encoded[0] ?? null, kind.sqlType);
}

type Page = {
  readonly narrowed: Narrowed;
  readonly order: readonly Criterion[];
  readonly parameters: Parameters;
  readonly query: URLSearchParams;
  readonly excluded: Excluded;
};

/** Rows that are passed over are only keys from here on: what a row shows is made of those of the page alone. */
const DEEP = 1000;

// Of so many rows and fewer it is cheaper to find them all than to look for the next ones in their order. A value that
// more have is worth a counter.
const FEW = 5000;

// Of so many rows and more it pays to count them first. A page of theirs is looked for among so many times as many rows.
const MANY = 20_000;
const SPREAD = 100;

/**
 * A page and the exact number of rows. Where several conditions meet, the rows are looked for once, whatever their order:
 * which index is best for that depends on the conditions alone, and the first ones in order may be far from its beginning.
 */
async function page(ctx: RequestContext, model: Model, asked: Page): Promise<JsonText> {
  const { narrowed } = asked;
  const { count, unnamed } = await countOf(ctx, model, asked);
  if (count === undefined || (narrowed.several && count > 0 && count <= FEW)) {
    return pageOfRows(ctx, model, { ...asked, unnamed });
  }
  if (unnamed && count > FEW) await askForCounter(ctx, unnamed);
  return pageInOrder(ctx, model, { ...asked, count });
}

type Counted = {
  /** Undefined where the rows have to be found anyway. */
  readonly count?: number | undefined;
  /** What gets a counter where very many rows have it. */
  readonly unnamed?: CountedValue | undefined;
};

async function countOf(ctx: RequestContext, model: Model, { narrowed, parameters }: Page): Promise<Counted> {
  const counters = countedSql(model, narrowed);
  const heavy = counters === undefined ? heavySql(model, narrowed) : undefined;
  if (heavy) {
    const prepare = model.mayPrepare(heavy.text);
    const [told] = await ctx.db.query<Heavy>(heavy.text, parameters.values, { prepare });
    if (!told) return {};
    const unnamed = told.named || told.value === null ? undefined : { counted: heavy.counted, value: told.value };
    return { count: told.count ?? undefined, unnamed };
  }
  if (counters === undefined && narrowed.several) return {};
  const text = counters ?? `select count(*)::integer as count ${narrowed.clause}`;
  const [told] = await ctx.db.query<{ count: number }>(text, parameters.values, { prepare: model.mayPrepare(text) });
  return { count: told?.count ?? 0 };
}

/** The list does without it, so it goes on when that fails. */
async function askForCounter({ db, log }: RequestContext, value: CountedValue): Promise<void> {
  try {
    await nameValue(db, value, (tx) => enqueue(tx, settleRowCounts, { key: settleRowCounts.name }));
  } catch (error) {
    log.warn('a counter could not be asked for', { error });
  }
}

type Finding = Page & { readonly unnamed: CountedValue | undefined };

/** Finds the rows, counts them and takes the page's out of them. */
async function pageOfRows(ctx: RequestContext, model: Model, asked: Finding): Promise<JsonText> {
  const { query, unnamed } = asked;
  const { count, keys } = (await keysOfMany(ctx, model, asked)) ?? (await findKeys(ctx, model, asked));
  if (unnamed && count > FEW) await askForCounter(ctx, unnamed);
  const { pagination } = pageOf(query, count);
  return shown(ctx, model, { pagination, rows: await rowsOfKeys(ctx, model, { ...asked, keys }) });
}

type Found = { readonly count: number; readonly keys: readonly string[] };

/**
 * One of the first pages of a list of very many rows: they are counted, which several processes of PostgreSQL do
 * together, and not kept; the page is looked for in order, from the first row on. Undefined for other lists, and where the
 * page's rows lie too far apart.
 */
async function keysOfMany(ctx: RequestContext, model: Model, asked: Page): Promise<Found | undefined> {
  const { narrowed, order, parameters, query } = asked;
  const [size, number] = [pageSizeOf(query), askedPage(query)];
  if (number === 'last' || number < 1 || number * size > DEEP) return undefined;
  // Without statistics of what is searched the guess is worth nothing, and all would be read twice.
  if (Object.keys(model.resource.searchIndices).length === 0) return undefined;
  if ((await guessRows(ctx, asked)) < MANY) return undefined;
  const { count, from } = await countFrom(ctx, asked);
  if (count <= FEW) return undefined;
  const own = copyOf(parameters);
  const start = from === undefined ? 'true' : from(own);
  const inOrder =
    `select ${model.key} as key, (${narrowed.condition}) as belongs from ${model.rows}` +
    ` where ${model.visible} and ${start} order by ${orderSql(order)} limit ${own.add(number * size * SPREAD, 'integer')}`;
  const page = `limit ${own.add(size, 'integer')} offset ${own.add((number - 1) * size, 'integer')}`;
  const text = `select array(select key::text from (${inOrder}) r where belongs ${page}) as keys`;
  const [found] = await ctx.db.query<{ keys: string[] }>(text, own.values, { prepare: false });
  return found?.keys.length === size ? { count, keys: found.keys } : undefined;
}

/** How many rows PostgreSQL believes there are. */
async function guessRows({ db }: RequestContext, { narrowed, parameters }: Page): Promise<number> {
  const text = `explain (format json) select 1 ${narrowed.clause}`;
  type Plan = { 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] };
  const [told] = await db.query<Plan>(text, parameters.values, { prepare: false });
  return told?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
}

// Types that have a least and a greatest value.
const RANKED = new Set(['timestamptz', 'text', 'integer', 'bigint']);

type Start = { readonly count: number; readonly from: ((parameters: Parameters) => string) | undefined };

/** The number of rows, and a condition that leaves out what comes before the first one in order. */
async function countFrom({ db }: RequestContext, { narrowed, order, parameters }: Page): Promise<Start> {
  const [first] = order;
  const ranked = first && RANKED.has(first.sqlType);
  const looked = ranked
    ? `${first.descending ? 'max' : 'min'}(${first.value})::text as first, count(*) - count(${first.value}) as empty`
    : 'null as first';
  const text = `select count(*)::integer as count, ${looked} ${narrowed.clause}`;
  type Told = { count: number; first: string | null; empty?: string };
  const [told] = await db.query<Told>(text, parameters.values, { prepare: false });
  if (!told) return { count: 0, from: undefined };
  const { count, first: value, empty } = told;
  // Descending, rows without a value come first.
  if (!ranked || value === null || (first.descending && empty !== '0')) return { count, from: undefined };
  const compared = first.descending ? '<=' : '>=';
  return { count, from: (own) => `${first.value} ${compared} ${own.add(value, first.sqlType)}` };
}

async function findKeys(
  ctx: RequestContext,
  model: Model,
  { narrowed, order, parameters, query }: Page,
): Promise<Found> {
  const own = copyOf(parameters);
  const values = order.map(({ value }, at) => `${value} as o${at}`).join(', ');
  const ordered = order.map(({ descending }, at) => `o${at} ${descending ? 'desc' : 'asc'}`).join(', ');
  const size = own.add(pageSizeOf(query), 'integer');
  const number = askedPage(query);
  const offset =
    number === 'last'
      ? `(select greatest((count(*) - 1) / ${size} * ${size}, 0) from found)`
      : own.add(Math.max(0, number - 1) * pageSizeOf(query), 'bigint');
  const text =
    `with found as materialized (select ${model.key} as key, ${values} ${narrowed.clause})` +
    ` select (select count(*) from found)::integer as count,` +
    ` array(select key::text from found order by ${ordered} limit ${size} offset ${offset}) as keys`;
  // How often a value or a pattern matches decides on the plan, so it is planned knowing it.
  const [found] = await ctx.db.query<Found>(text, own.values, { prepare: false });
  return found ?? { count: 0, keys: [] };
}

type OfKeys = Pick<Page, 'order' | 'excluded'> & Pick<Found, 'keys'>;

async function rowsOfKeys(
  ctx: RequestContext,
  model: Model,
  { keys, order, excluded }: OfKeys,
): Promise<Shown['rows']> {
  if (keys.length === 0) return [];
  const parameters = createParameters();
  const are = `${model.key} = any(${parameters.add(keys, `${keyKind(model.resource).sqlType}[]`)})`;
  const from = `from ${model.rows} where ${are} and ${model.visible} order by ${orderSql(order)}`;
  const text = model.show(from, excluded);
  return ctx.db.query<{ value: string }>(text, parameters.values, { prepare: model.mayPrepare(text) });
}

type Counting = Page & { readonly count: number };

async function pageInOrder(
  ctx: RequestContext,
  model: Model,
  { narrowed, order, parameters, query, excluded, count }: Counting,
): Promise<JsonText> {
  const { size, offset, pagination } = pageOf(query, count);
  // What lies nearer to the end is reached from there.
  const backwards = offset > count / 2;
  const length = Math.min(size, count - offset);
  const passed = backwards ? count - offset - length : offset;
  const limit = `limit ${parameters.add(length, 'integer')} offset ${parameters.add(passed, 'bigint')}`;
  const ordered = `order by ${orderSql(order, backwards)}`;
  const asIs = `${narrowed.clause} ${ordered} ${limit}`;
  // Alone, the keys of an order without an index are sorted by several processes of PostgreSQL.
  const deep = passed >= DEEP || order.some(({ computed }) => computed);
  // No index has the rows of several values in order: which one is read depends on how many have which.
  const byValues = narrowed.several && countedSql(model, narrowed) === undefined;
  const among = `from ${model.rows} where ${model.key} = any(array(select ${model.key} ${asIs})) ${ordered}`;
  const text = model.show(deep ? among : asIs, excluded);
  const prepare = model.mayPrepare(text) && !deep && !narrowed.searched && !byValues;
  const rows = count === 0 ? [] : await ctx.db.query<{ value: string }>(text, parameters.values, { prepare });
  return shown(ctx, model, { pagination, rows: backwards ? rows.toReversed() : rows });
}

type Shown = { readonly pagination: JsonObject; readonly rows: readonly { readonly value: string }[] };

function shown(ctx: RequestContext, model: Model, { pagination, rows }: Shown): JsonText {
  const results = rows.map(({ value }) => jsonText(model.present(value, ctx)));
  return new JsonText(`{"pagination":${JSON.stringify(pagination)},"results":[${results.join()}],"autocomplete":{}}`);
}
