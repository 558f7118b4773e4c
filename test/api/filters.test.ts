import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { Parameter } from '../contract/openapi.ts';
import { publishedDocument } from '../contract/published-document.ts';
import { resolveSchema } from './broken-value.ts';
import { operationsOf } from './operations.ts';
import { resourceCases } from './resource-cases.ts';
import type { ResourceCase } from './resource-cases.ts';
import { UNKNOWN_ID } from './urls.ts';

const app = await testApp();
const cases = (await resourceCases(app)).map((one) => [one.component.replace('Request', ''), one] as const);
const published = publishedDocument();
const operations = operationsOf(published);

const NO_FILTER = new Set(['ordering', 'page', 'page_size', 'search']);
type Row = Readonly<Record<string, unknown>>;

/** Filters that are not named as the key of the answer that they are about. */
const OTHER_NAMES: Readonly<Record<string, (row: Row) => unknown>> = {
  pbm_uuid: (row) => row['policybindingmodel_ptr_id'],
  fsb_uuid: (row) => row['pk'],
  flow_uuid: (row) => row['pk'],
  stage_uuid: (row) => row['pk'],
  target_in: (row) => row['target'],
  policies: () => [],
  policy__isnull: (row) => row['policy'] === null,
  no_flows: (row) => Array.isArray(row['flow_set']) && row['flow_set'].length === 0,
};

function filtersOf({ path }: ResourceCase): Parameter[] {
  const list = operations.find((one) => one.method === 'GET' && `/api/v3${one.path}` === path);
  if (!list) throw new Error(`no list at ${path}`);
  return list.parameters.filter(({ in: place, name }) => place === 'query' && !NO_FILTER.has(name));
}

function valueOf({ name }: Parameter, row: Row): unknown {
  const value = OTHER_NAMES[name]?.(row) ?? row[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A value of the parameter's type that the object does not have. */
function otherThan(value: unknown, { schema = {} }: Parameter): string {
  const inner = resolveSchema(schema.items ?? schema, published.components.schemas);
  if (inner.enum) return String(inner.enum.find((choice) => choice !== value));
  if (inner.type === 'boolean') return String(value !== true);
  if (inner.type === 'integer') return '4711';
  return inner.format === 'uuid' ? UNKNOWN_ID : 'something else';
}

async function keys(one: ResourceCase, query: Readonly<Record<string, string>>): Promise<unknown[]> {
  const search = new URLSearchParams({ ...query, page_size: '100' });
  const answer = await app.api('GET', `${one.path}?${search.toString()}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.results.map(({ pk }: { pk: unknown }) => pk);
}

describe.each(cases)('%s', (_name, one) => {
  let row: Row = {};
  beforeAll(async () => {
    row = (await app.api('POST', one.path, one.full(1))).body;
    await app.api('POST', one.path, one.full(2));
  });

  test.each(filtersOf(one).map((filter) => [filter.name, filter] as const))('?%s', async (name, filter) => {
    const value = valueOf(filter, row);
    // What the object has as null cannot be asked for.
    const asked = value === null || value === undefined ? '' : String(value as string | number | boolean);
    expect(await keys(one, { [name]: asked })).toContain(row['pk']);
    expect(await keys(one, { [name]: '' })).toContain(row['pk']);
    expect(await keys(one, { [name]: otherThan(value, filter) })).not.toContain(row['pk']);
  });

  test('a filter that is no UUID or number is a 400 that names it; one that is no boolean counts as not set', async () => {
    for (const { name, schema = {} } of filtersOf(one)) {
      const { type, format } = schema.items ?? schema;
      if (format !== 'uuid' && type !== 'integer' && type !== 'boolean') continue;
      const answer = await app.api('GET', `${one.path}?${name}=banana`);
      const found = answer.status === 400 ? Object.keys(answer.body) : answer.status;
      expect([name, found]).toEqual([name, type === 'boolean' ? 200 : [name]]);
    }
  });
});

const NAMED = cases.filter(([, { component }]) => !component.includes('Binding'));

describe.each(NAMED)('%s', (kind, one) => {
  // Stages of all kinds share their names.
  const [a, b, c] = [`Of${kind}-a`, `Of${kind}-b`, `Of${kind}-c_x`];
  beforeAll(async () => {
    for (const name of [b, c, a]) {
      const own = one.model === 'Flow' ? { slug: name.replace('_', '-under-') } : {};
      const answer = await app.api('POST', one.path, { ...one.full(99), name, ...own });
      if (answer.status !== 201) throw new Error(answer.text);
    }
  });

  async function names(query: string): Promise<string[]> {
    const { body } = await app.api('GET', `${one.path}?page_size=100&${query}`);
    return body.results.map((item: { name: string }) => item.name);
  }

  test('?search= is a substring in any case, without wildcards', async () => {
    expect((await names(`search=OF${kind.toUpperCase()}-`)).toSorted()).toEqual([a, b, c]);
    expect(await names(`search=${kind}-b`)).toEqual([b]);
    expect(await names(`search=Of${kind}%25b`)).toEqual([]);
    expect(await names(`search=Of${kind}_b`)).toEqual([]);
    expect(await names('search=nobody')).toEqual([]);
  });

  test('?ordering=name and its reverse; nonsense is the default order', async () => {
    expect(await names(`search=Of${kind}-&ordering=name`)).toEqual([a, b, c]);
    expect(await names(`search=Of${kind}-&ordering=-name`)).toEqual([c, b, a]);
    expect(await names('ordering=nonsense,-nonsense')).toEqual(await names(''));
  });
});

test.each(['/api/v3/flows/bindings/', '/api/v3/policies/bindings/'])(
  '%s is in the order of its order',
  async (path) => {
    const { body } = await app.api('GET', `${path}?page_size=100`);
    const orders = body.results.map((row: { order: number }) => row.order);
    expect(orders.length).toBeGreaterThan(1);
    expect(orders).toEqual(orders.toSorted((a: number, b: number) => a - b));
    const reversed = await app.api('GET', `${path}?page_size=100&ordering=-order`);
    expect(reversed.body.results.map((row: { order: number }) => row.order)).toEqual(orders.toReversed());
  },
);

test('bindings are found by the name of their stage', async () => {
  const found = await app.api('GET', '/api/v3/flows/bindings/?search=PART-DUM');
  expect(found.body.results.length).toBeGreaterThan(0);
  for (const row of found.body.results) expect(row.stage_obj.name).toBe('part-dummy');
  expect((await app.api('GET', '/api/v3/flows/bindings/?search=nothing')).body.results).toEqual([]);
});
