import { describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { publishedDocument } from '../contract/published-document.ts';
import type { Schema } from '../contract/openapi.ts';
import { brokenValue } from './broken-value.ts';
import { resourceCases } from './resource-cases.ts';
import type { ResourceCase } from './resource-cases.ts';
import { UNKNOWN_ID } from './urls.ts';

const app = await testApp();
const cases = (await resourceCases(app)).map((one) => [one.component.replace('Request', ''), one] as const);
const schemas = publishedDocument().components.schemas;

let number = 0;
const fullBody = ({ full }: ResourceCase) => full((number += 1));

const schemaOf = ({ component }: ResourceCase): Schema => {
  const schema = schemas[component];
  if (!schema) throw new Error(`no ${component}`);
  return schema;
};

async function create(one: ResourceCase, body: object = fullBody(one)) {
  const answer = await app.api('POST', one.path, body);
  if (answer.status !== 201) throw new Error(`${one.path}: ${answer.text}`);
  return { row: answer.body, url: `${one.path}${answer.body[one.lookup]}/` };
}

const required = (one: ResourceCase) => [...(schemaOf(one).required ?? [])];
const only = (body: Readonly<Record<string, unknown>>, keys: readonly string[]) =>
  Object.fromEntries(keys.map((key) => [key, body[key]]));

describe.each(cases)('%s', (_name, one) => {
  test('a body with every key is stored and answered as it was sent', async () => {
    const body = fullBody(one);
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(schemaOf(one).properties ?? {}).toSorted());
    const { row, url } = await create(one, body);
    const { hidden = [] } = one;
    const shown = Object.keys(body).filter((key) => !hidden.includes(key));
    expect(row).toMatchObject(only(body, shown));
    for (const key of hidden) expect(row).not.toHaveProperty(key);
    const read = await app.api('GET', url);
    expect([read.status, read.body]).toEqual([200, row]);
  });

  test('a body with nothing but the required keys gets the defaults', async () => {
    const body = fullBody(one);
    const { row } = await create(one, { ...only(body, required(one)), ...groupOf(one, body) });
    expect(row).toMatchObject(one.defaults);
  });

  test('a body without the required keys names each of them', async () => {
    const answer = await app.api('POST', one.path, {});
    const expected = Object.fromEntries(required(one).map((key) => [key, ['This field is required.']]));
    expect([answer.status, answer.body]).toEqual([400, expected]);
  });

  test('PUT changes what it is given and keeps the rest', async () => {
    const body = fullBody(one);
    const { row, url } = await create(one, body);
    const answer = await app.api('PUT', url, { ...only(body, required(one)), ...one.change, ...flagsOf(one) });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...row, ...one.change, ...flagsOf(one) });
  });

  test('PATCH changes one key; with nothing it changes nothing', async () => {
    const { row, url } = await create(one);
    const unchanged = await app.api('PATCH', url, {});
    expect([unchanged.status, unchanged.body]).toEqual([200, row]);
    const answer = await app.api('PATCH', url, one.change);
    expect([answer.status, answer.body]).toEqual([200, { ...row, ...one.change }]);
    expect((await app.api('GET', url)).body).toEqual(answer.body);
  });

  test('one broken field is a 400 that names it, and changes nothing', async () => {
    const { row, url } = await create(one);
    for (const [key, schema] of Object.entries(schemaOf(one).properties ?? {})) {
      const broken = { [key]: brokenValue(schema, schemas) };
      for (const method of ['POST', 'PUT', 'PATCH']) {
        const body = method === 'PATCH' ? broken : { ...fullBody(one), ...broken };
        const answer = await app.api(method, method === 'POST' ? one.path : url, body);
        expect([method, broken, answer.status, Object.keys(answer.body)]).toEqual([method, broken, 400, [key]]);
      }
    }
    expect((await app.api('GET', url)).body).toEqual(row);
  });

  test('a key that may not be null says so', async () => {
    const { url } = await create(one);
    for (const [key, { nullable }] of Object.entries(schemaOf(one).properties ?? {})) {
      if (nullable === true) continue;
      const answer = await app.api('PATCH', url, { [key]: null });
      expect([answer.status, answer.body]).toEqual([400, { [key]: ['This field may not be null.'] }]);
    }
  });

  test.each(one.unique ? [one.unique] : [])('a second object of the same %s is refused: %s', async (key, message) => {
    const { row } = await create(one);
    const { row: second, url } = await create(one);
    const taken = { [key]: row[key] };
    const made = await app.api('POST', one.path, { ...fullBody(one), ...taken });
    expect([made.status, made.body]).toEqual([400, { [key]: [message] }]);
    for (const method of ['PUT', 'PATCH']) {
      const answer = await app.api(method, url, { ...fullBody(one), ...taken });
      expect([answer.status, answer.body]).toEqual([400, { [key]: [message] }]);
    }
    expect((await app.api('GET', url)).body).toEqual(second);
    // Its own value is no fault.
    expect((await app.api('PATCH', url, { [key]: second[key] })).status).toBe(200);
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s of an unknown object is a 404', async (method) => {
    const body = method === 'PUT' || method === 'PATCH' ? fullBody(one) : undefined;
    const detail = `No ${one.model} matches the given query.`;
    for (const path of [
      `${one.path}${UNKNOWN_ID}/`,
      ...(method === 'GET' ? [`${one.path}${UNKNOWN_ID}/used_by/`] : []),
    ]) {
      const answer = await app.api(method, path, body);
      expect([answer.status, answer.body]).toEqual([404, { detail }]);
    }
    if (one.lookup !== 'pk') return;
    const junk = await app.api(method, `${one.path}junk/`, body);
    expect([junk.status, junk.body]).toEqual([404, { detail: 'Not found.' }]);
  });

  test('DELETE answers 204 and then 404', async () => {
    const { url } = await create(one);
    expect((await app.api('GET', `${url}used_by/`)).body).toEqual([]);
    const answer = await app.api('DELETE', url);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await app.api('DELETE', url)).status).toBe(404);
    expect((await app.api('GET', url)).status).toBe(404);
  });
});

/** A policy binding also needs a subject, which no key requires by itself. */
function groupOf({ model }: ResourceCase, body: Readonly<Record<string, unknown>>): object {
  return model === 'PolicyBinding' ? { group: body['group'] } : {};
}

/** The evaluation flags count as submitted, with their defaults (contract part 1, 3.4). */
function flagsOf({ model }: ResourceCase): object {
  return model === 'FlowStageBinding' ? { re_evaluate_policies: true } : {};
}
