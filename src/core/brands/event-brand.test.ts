import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';

const BRANDS = '/api/v3/core/brands/';
const EVENTS = '/api/v3/events/events/';
const INVITATIONS = '/api/v3/stages/invitation/invitations/';

type Listed = {
  readonly brand: object;
  readonly action: string;
  readonly context: { readonly model?: { pk: string } };
};

let app: TestApp;
let blue: string;

beforeAll(async () => {
  app = await testApp();
  const made = await ask('POST', BRANDS, { domain: 'Blue.example' });
  blue = made.body.brand_uuid;
});

const ask = (method: string, path: string, body?: object, host = 'localhost') =>
  app.api(method, path, body, { headers: { host } });

const invite = async (host: string, body: object = {}): Promise<string> =>
  (await ask('POST', INVITATIONS, { name: 'branded', ...body }, host)).body.pk;

/** What the list tells of the events of one object, the latest first. */
async function eventsOf(pk: string, more = ''): Promise<Listed[]> {
  return (await app.api('GET', `${EVENTS}?context_model_pk=${pk}${more}`)).body.results;
}

async function brandAt(host: string): Promise<object | undefined> {
  return (await eventsOf(await invite(host)))[0]?.brand;
}

const named = (pk: string, name: string) => ({
  app: 'authentik_brands',
  model_name: 'brand',
  pk: pk.replaceAll('-', ''),
  name,
});

async function defaultBrand(): Promise<object> {
  const { body } = await app.api('GET', `${BRANDS}?default=true`);
  return named(body.results[0].brand_uuid, 'Default brand');
}

describe('an event of a request names the brand of its host', () => {
  test.each(['blue.example', 'BLUE.example:8443', 'id.blue.example', 'a.b.blue.example.'])('at %s', async (host) => {
    expect(await brandAt(host)).toEqual(named(blue, 'Brand Blue.example'));
  });

  test.each(['evilblue.example', 'example', 'localhost', '192.0.2.1', '[2001:db8::1]:9000', 'blue.example.evil'])(
    'and at %s the default one',
    async (host) => {
      expect(await brandAt(host)).toEqual(await defaultBrand());
    },
  );

  test('at a host name of thousands of labels the default one', async () => {
    expect(await brandAt(`${'a.'.repeat(3_000)}blue.example`)).toEqual(await defaultBrand());
  });

  test('of two brands that the host is below the nearer one', async () => {
    const { body } = await ask('POST', BRANDS, { domain: 'near.blue.example' });
    expect(await brandAt('id.near.blue.example')).toEqual(named(body.brand_uuid, 'Brand near.blue.example'));
  });

  test('whichever the operation: created, changed, deleted, at the very next request after the brand changed', async () => {
    const pk = await invite('green.example');
    const { body } = await ask('POST', BRANDS, { domain: 'green.example' });
    await ask('PATCH', `${INVITATIONS}${pk}/`, { name: 'changed' }, 'green.example');
    await ask('PUT', `${INVITATIONS}${pk}/`, { name: 'again' }, 'green.example');
    await ask('DELETE', `${BRANDS}${body.brand_uuid}/`);
    await ask('DELETE', `${INVITATIONS}${pk}/`, undefined, 'green.example');
    const green = named(body.brand_uuid, 'Brand green.example');
    expect((await eventsOf(pk)).map(({ brand }) => brand)).toEqual([
      await defaultBrand(),
      green,
      green,
      await defaultBrand(),
    ]);
  });

  test('also what an operation records itself, and what a flow does', async () => {
    const { body: user } = await ask('POST', '/api/v3/core/users/', { username: 'branded', name: '' });
    await ask('POST', `/api/v3/core/users/${user.pk}/set_password/`, { password: 'branded one' }, 'blue.example');
    const jar = app.jar();
    const path = '/api/v3/flows/executor/default-authentication-flow/';
    const headers = { host: 'blue.example' };
    await jar.ask('GET', path, { headers });
    await jar.ask('POST', path, { headers, json: { component: 'ak-stage-identification', uid_field: 'branded' } });
    await jar.ask('GET', path, { headers });
    await jar.ask('POST', path, { headers, json: { component: 'ak-stage-password', password: 'wrong' } });
    const { body } = await app.api(
      'GET',
      `${EVENTS}?brand_name=Brand%20Blue.example&actions=password_set&actions=login_failed`,
    );
    expect(body.results.map(({ action, brand }: Listed) => [action, brand])).toEqual([
      ['login_failed', named(blue, 'Brand Blue.example')],
      ['password_set', named(blue, 'Brand Blue.example')],
    ]);
  });
});

test('where no brand is left the event names none', async () => {
  const { body } = await app.api('GET', `${BRANDS}?default=true`);
  const path = `${BRANDS}${body.results[0].brand_uuid}/`;
  await ask('PATCH', path, { default: false });
  expect(await brandAt('localhost')).toEqual({});
  await ask('PATCH', path, { default: true });
  expect(await brandAt('localhost')).toEqual(await defaultBrand());
});

test('events that no request caused name none', async () => {
  await app.ctx.db.transaction((tx) =>
    app.ctx.events.record(tx, { app: 'vestibule.http', action: 'system_exception', context: { message: 'a job' } }),
  );
  const { body } = await app.api('GET', `${EVENTS}?action=system_exception`);
  expect(body.results.map(({ brand }: Listed) => brand)).toEqual([{}]);
});

test('the filter by brand finds and counts its events, alone and with others', async () => {
  const pk = await invite('filtered.blue.example');
  await ask('POST', BRANDS, { domain: 'filtered.example' });
  await ask('PATCH', `${INVITATIONS}${pk}/`, { name: 'filtered' }, 'filtered.example');
  const count = async (query: string): Promise<number[]> => {
    const { body } = await app.api('GET', `${EVENTS}?${query}`);
    return [body.pagination.count, body.results.length];
  };
  expect(await count('brand_name=Brand%20filtered.example')).toEqual([1, 1]);
  expect(await count('brand_name=Brand%20filtered.example&action=model_updated')).toEqual([1, 1]);
  expect(await count('brand_name=Brand%20filtered.example&action=model_created')).toEqual([0, 0]);
  expect(await count('brand_name=Brand%20filtered.example&context_model_name=invitation&username=akadmin')).toEqual([
    1, 1,
  ]);
  expect(await count(`brand_name=Brand%20filtered.example&context_model_pk=${pk}`)).toEqual([1, 1]);
  expect(await count(`brand_name=Brand%20Blue.example&context_model_pk=${pk}`)).toEqual([1, 1]);
});
