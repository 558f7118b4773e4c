import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';
import { VERSION } from '../../kernel/version.ts';

let app: TestApp;

beforeAll(async () => {
  app = await testApp({ env: { VESTIBULE_PUBLIC_URL: 'https://id.example.org' } });
});

describe('root/config', () => {
  test('is public and says that nothing is reported to anybody', async () => {
    const { status, body } = await app.api('GET', '/api/v3/root/config/', undefined, { token: null });
    expect(status).toBe(200);
    expect(body.error_reporting).toEqual({
      sentry_dsn: '',
      enabled: false,
      environment: '',
      send_pii: false,
      traces_sample_rate: 0,
    });
  });

  test('names a capability exactly when its operation is served', async () => {
    const { body } = await app.api('GET', '/api/v3/root/config/', undefined, { token: null });
    const { body: document } = await app.api('GET', '/api/v3/schema/?format=json', undefined, { token: null });
    const impersonates = '/core/users/{id}/impersonate/' in document.paths;
    expect(body.capabilities.includes('can_impersonate')).toBe(impersonates);
    expect(body.capabilities).not.toContain('is_enterprise');
  });

  test('tells how long a plan is remembered', async () => {
    const { body } = await app.api('GET', '/api/v3/root/config/', undefined, { token: null });
    await app.jar().ask('GET', '/api/v3/flows/executor/default-authentication-flow/?query=');
    const [row] = await app.ctx.db.query<{ seconds: number }>(
      `select extract(epoch from max(expires) - now())::float8 as seconds from flow_plan_cache`,
    );
    expect(Math.abs((row?.seconds ?? 0) - body.cache_timeout_flows)).toBeLessThan(30);
  });
});

describe.each([
  ['GET', '/api/v3/admin/version/'],
  ['GET', '/api/v3/admin/system/'],
  ['POST', '/api/v3/admin/system/'],
])('%s %s', (method, path) => {
  test('is refused to the anonymous and to users without the permission', async () => {
    const { token } = await buildAccount(app.ctx);
    expect((await app.api(method, path, undefined, { token: null })).status).toBe(403);
    expect((await app.api(method, path, undefined, { token })).status).toBe(403);
  });
});

test('admin/version tells the version of the program and calls no other valid', async () => {
  const { status, body } = await app.api('GET', '/api/v3/admin/version/');
  expect(status).toBe(200);
  expect(body).toMatchObject({ version_current: VERSION, version_latest_valid: false, outdated: false });
  expect(VERSION).toMatch(/^\d+\.\d+\.\d+/);
});

test('admin/system tells facts of this process, by GET and POST alike', async () => {
  const shown = await app.api('GET', '/api/v3/admin/system/');
  expect(shown.status).toBe(200);
  expect(shown.body).toMatchObject({ base_url: 'https://id.example.org', http_is_secure: false });
  expect(shown.body.runtime).toMatchObject({ architecture: process.arch, authentik_version: VERSION });
  expect(shown.body.runtime.python_version).toBe(`Node.js ${process.versions.node}`);
  expect(Math.abs(Date.parse(shown.body.server_time) - app.ctx.clock.now().getTime())).toBeLessThan(60_000);
  expect((await app.api('POST', '/api/v3/admin/system/')).status).toBe(200);
});

test('T08 admin/system shows the headers of the request without any credential', async () => {
  const secrets = {
    cookie: 'authentik_session=planted-cookie',
    'x-api-key': 'planted-api-key',
    'x-forwarded-access-token': 'planted-access',
    'proxy-authorization': 'Basic planted-basic',
    referer: 'https://id.example.org/if/flow/x/?itoken=planted-itoken',
  };
  const { body, text } = await app.api('GET', '/api/v3/admin/system/', undefined, {
    headers: { ...secrets, 'x-seen': 'yes' },
  });
  expect(body.http_headers).toMatchObject({ 'x-seen': 'yes' });
  expect(text).not.toContain('planted');
  expect(text).not.toContain('Bearer');
});
