import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import type { TestApp } from '../../../test/app.ts';
import { buildAccount } from '../tokens/builders.ts';
import { brandOf } from './index.ts';

const BRANDS = '/api/v3/core/brands/';
const FLOWS = '/api/v3/flows/instances/';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const CERTIFICATE = '00000000-0000-4000-8000-00000000cafe';
const PICTURE = 'data:image/png;base64,iVBORw0KGgo=';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

/** The fresh installation's brand alone, as it was. */
beforeEach(async () => {
  await app.ctx.db.query('delete from brand where not "default"');
});

type Body = Readonly<Record<string, unknown>>;
const make = async (body: Body) => (await app.api('POST', BRANDS, body)).body;
const current = async (host: string, headers: Record<string, string> = {}) =>
  (await app.api('GET', `${BRANDS}current/`, undefined, { token: null, headers: { host, ...headers } })).body;
const matched = async (host: string): Promise<string> => (await current(host)).matched_domain;

async function makeFlow(slug: string, designation: string): Promise<string> {
  const { status, body } = await app.api('POST', FLOWS, { name: slug, slug, title: slug, designation });
  expect(status).toBe(201);
  return body.pk;
}

describe('a fresh installation', () => {
  test('has one brand, which is everybody’s', async () => {
    const { body } = await app.api('GET', BRANDS);
    expect(body.results).toMatchObject([
      {
        domain: 'authentik-default',
        default: true,
        branding_title: 'Vestibule',
        branding_custom_css: '',
        flow_recovery: null,
        client_certificates: [],
        attributes: {},
      },
    ]);
    expect(await current('localhost')).toMatchObject({
      matched_domain: 'authentik-default',
      branding_title: 'Vestibule',
      branding_logo_themed_urls: null,
      flow_authentication: 'default-authentication-flow',
      flow_invalidation: 'default-invalidation-flow',
      ui_theme: 'automatic',
    });
    // Flows that are not set are left out, not null.
    expect(await current('localhost')).not.toHaveProperty('flow_recovery');
  });

  test('shows pictures that are there', async () => {
    const { branding_logo: logo, branding_favicon: icon } = await current('localhost');
    for (const [path, type] of [
      [logo, 'image/svg+xml'],
      [icon, 'image/png'],
    ]) {
      const answer = await app.jar().get(path);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
    }
    expect((await app.jar().get('/static/dist/assets/icons/feature.js')).status).toBe(404);
  });

  test('without any brand answers as the house itself', async () => {
    const [{ brand_uuid: uuid }] = (await app.api('GET', BRANDS)).body.results;
    const kept = (await app.api('GET', `${BRANDS}${uuid}/`)).body;
    expect((await app.api('DELETE', `${BRANDS}${uuid}/`)).status).toBe(204);
    expect(await current('id.example.org')).toMatchObject({ matched_domain: 'fallback', branding_title: 'Vestibule' });
    const answer = await app.jar().get('/flows/-/default/authentication/');
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('Vestibule')]);
    await make(kept);
  });
});

describe('a brand is chosen by host', () => {
  test('exactly, else by the longest domain that the host is below, else the default one', async () => {
    for (const domain of ['example.org', 'id.example.org', 'Other.Example.org']) await make({ domain });
    expect(await matched('example.org')).toBe('example.org');
    expect(await matched('id.example.org')).toBe('id.example.org');
    expect(await matched('a.b.id.example.org')).toBe('id.example.org');
    expect(await matched('www.example.org')).toBe('example.org');
    expect(await matched('other.example.org')).toBe('Other.Example.org');
    expect(await matched('example.com')).toBe('authentik-default');
  });

  test('the port, the letter case and a final dot do not matter', async () => {
    await make({ domain: 'id.example.org' });
    for (const host of ['id.example.org:9443', 'ID.Example.Org', 'id.example.org.', 'id.example.org.:80']) {
      expect([host, await matched(host)]).toEqual([host, 'id.example.org']);
    }
  });

  test('the border of a label is kept: evil-example.org is not below example.org', async () => {
    await make({ domain: 'example.org' });
    expect(await matched('evil-example.org')).toBe('authentik-default');
    expect(await matched('evilexample.org')).toBe('authentik-default');
    expect(await matched('example.org.evil.test')).toBe('authentik-default');
    // A wildcard of LIKE is a letter like any other.
    await make({ domain: 'a_b.test' });
    expect(await matched('aXb.test')).toBe('authentik-default');
  });

  test('a forwarded host counts from a trusted proxy only (A09)', async () => {
    const proxied = await testApp({ env: { VESTIBULE_TRUSTED_PROXIES: '127.0.0.1' } });
    const headers = { host: 'internal', 'x-forwarded-host': 'id.example.org' };
    const ask = async (one: TestApp) => {
      expect((await one.api('POST', BRANDS, { domain: 'id.example.org' })).status).toBe(201);
      const answer = await one.api('GET', `${BRANDS}current/`, undefined, { token: null, headers });
      return answer.body.matched_domain;
    };
    expect(await ask(app)).toBe('authentik-default');
    expect(await ask(proxied)).toBe('id.example.org');
    await proxied.close();
  });

  test('other parts of the program ask for its face', async () => {
    await make({ domain: 'id.example.org', branding_title: 'Ada & Co', branding_logo: '/logo-%(theme)s.svg' });
    expect(await brandOf(app.ctx, 'id.example.org:9443')).toMatchObject({
      title: 'Ada & Co',
      logo: '/logo-light.svg',
      domain: 'id.example.org',
    });
    expect(await brandOf(app.ctx)).toMatchObject({ title: 'Vestibule', text: 'Default brand' });
    const system = await app.api('GET', '/api/v3/admin/system/', undefined, { headers: { host: 'id.example.org' } });
    expect(system.body.brand).toBe('Brand id.example.org');
  });
});

describe('as a resource', () => {
  test('keeps every key, and PUT keeps what it is not given', async () => {
    const recovery = await makeFlow('brand-recovery', 'recovery');
    const body = {
      domain: 'full.example.org',
      default: false,
      branding_title: 'Full',
      branding_logo: '/media/logo.png',
      branding_favicon: PICTURE,
      branding_custom_css: ':root { --accent: #a0a }\n',
      branding_default_flow_background: '/media/sea.jpg',
      branding_map_tiles: 'pmtiles://tiles',
      flow_authentication: null,
      flow_user_switch: null,
      flow_invalidation: null,
      flow_recovery: recovery,
      flow_unenrollment: recovery,
      flow_user_settings: recovery,
      flow_device_code: recovery,
      flow_lockdown: recovery,
      flow_request: recovery,
      default_application: null,
      web_certificate: null,
      client_certificates: [],
      attributes: { settings: { locale: 'de', theme: { base: 'dark' } } },
    };
    const made = await make(body);
    expect(made).toMatchObject(body);
    const url = `${BRANDS}${made.brand_uuid}/`;
    expect((await app.api('PUT', url, { domain: 'renamed.example.org' })).body).toEqual({
      ...made,
      domain: 'renamed.example.org',
    });
    expect((await app.api('PATCH', url, { branding_title: 'Changed' })).body.branding_title).toBe('Changed');
    expect(await current('renamed.example.org')).toMatchObject({
      ui_theme: 'dark',
      default_locale: 'de',
      flow_device_code: 'brand-recovery',
    });
    expect((await app.api('GET', `${url}used_by/`)).body).toEqual([]);
    const users = (await app.api('GET', `${FLOWS}brand-recovery/used_by/`)).body;
    expect(users).toContainEqual({
      app: 'authentik_brands',
      model_name: 'brand',
      pk: made.brand_uuid,
      name: 'Brand renamed.example.org',
      action: 'set_null',
    });
    expect((await app.api('DELETE', `${FLOWS}brand-recovery/`)).status).toBe(204);
    expect((await app.api('GET', url)).body.flow_recovery).toBeNull();
    expect((await app.api('DELETE', url)).status).toBe(204);
    expect((await app.api('GET', url)).status).toBe(404);
  });

  test.each([
    ['domain', '', 'This field may not be blank.'],
    ['domain', 'https://id.example.org', expect.stringMatching(/^Enter a domain/)],
    ['domain', 'id.example.org:9000', expect.stringMatching(/^Enter a domain/)],
    ['domain', '.example.org', expect.stringMatching(/^Enter a domain/)],
    ['branding_logo', '', 'This field may not be blank.'],
    ['branding_logo', 'https://elsewhere.test/logo.png', expect.stringMatching(/load no pictures from elsewhere/)],
    ['branding_logo', '//elsewhere.test/logo.png', expect.stringMatching(/load no pictures from elsewhere/)],
    ['branding_favicon', 'javascript:alert(1)', expect.stringMatching(/load no pictures from elsewhere/)],
    ['branding_favicon', 'data:text/html,<script>', expect.stringMatching(/load no pictures from elsewhere/)],
    ['branding_logo', `/${'x'.repeat(65_536)}`, 'Ensure this field has no more than 65536 characters.'],
    ['branding_custom_css', 'x'.repeat(65_537), 'Ensure this field has no more than 65536 characters.'],
    ['flow_recovery', UNKNOWN, `Invalid pk "${UNKNOWN}" - object does not exist.`],
    ['default_application', UNKNOWN, `Invalid pk "${UNKNOWN}" - object does not exist.`],
    ['web_certificate', CERTIFICATE, `Invalid pk "${CERTIFICATE}" - object does not exist.`],
    ['client_certificates', [CERTIFICATE], `Invalid pk "${CERTIFICATE}" - object does not exist.`],
    ['default', true, 'Only a single brand can be set as default.'],
  ])('refuses %s as %j', async (field, value, message) => {
    const answer = await app.api('POST', BRANDS, { domain: 'bad.example.org', [field]: value });
    expect([answer.status, answer.body]).toEqual([400, { [field]: [message] }]);
    expect((await app.api('GET', `${BRANDS}?domain=bad.example.org`)).body.results).toEqual([]);
  });

  test('a domain belongs to one brand, in any letter case', async () => {
    await make({ domain: 'once.example.org' });
    for (const domain of ['once.example.org', 'ONCE.example.org']) {
      const answer = await app.api('POST', BRANDS, { domain });
      expect([answer.status, answer.body]).toEqual([400, { domain: ['Brand with this domain already exists.'] }]);
    }
  });

  test('of brands that are made the default at once at most one is', async () => {
    await app.ctx.db.query('update brand set "default" = false');
    const domains = Array.from({ length: 8 }, (_, index) => `race-${index}.test`);
    const answers = await Promise.all(domains.map((domain) => app.api('POST', BRANDS, { domain, default: true })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(7).fill(400)]);
    await app.ctx.db.query('delete from brand where "default"');
    await app.ctx.db.query(`update brand set "default" = true where domain = 'authentik-default'`);
    // That it is the default already is no fault of its own.
    const [{ brand_uuid: uuid }] = (await app.api('GET', `${BRANDS}?default=true`)).body.results;
    expect((await app.api('PATCH', `${BRANDS}${uuid}/`, { default: true })).status).toBe(200);
  });

  test('is found by every filter, by search, and in order', async () => {
    const flow = await makeFlow('brand-filtered', 'recovery');
    const flows = ['authentication', 'user_switch', 'invalidation', 'recovery', 'unenrollment', 'user_settings'];
    const fields = [...flows, 'device_code', 'lockdown', 'request'].map((name) => `flow_${name}`);
    const one = await make({
      domain: 'b.filter.test',
      branding_title: 'Filtered',
      branding_logo: '/f.png',
      branding_favicon: '/f.ico',
      branding_default_flow_background: '/f.jpg',
      ...Object.fromEntries(fields.map((field) => [field, flow])),
    });
    await make({ domain: 'a.filter.test' });
    const found = async (query: string): Promise<string[]> =>
      (await app.api('GET', `${BRANDS}?${query}`)).body.results.map(({ domain }: { domain: string }) => domain);
    const exact = ['brand_uuid', 'domain', 'branding_title', 'branding_logo', 'branding_favicon', ...fields];
    for (const name of [...exact, 'branding_default_flow_background']) {
      expect([name, await found(`${name}=${encodeURIComponent(one[name])}`)]).toEqual([name, ['b.filter.test']]);
    }
    for (const name of ['web_certificate', 'client_certificates'])
      expect(await found(`${name}=${UNKNOWN}`)).toEqual([]);
    expect(await found('default=true')).toEqual(['authentik-default']);
    expect(await found('search=FILTERED')).toEqual(['b.filter.test']);
    expect(await found('search=filter.test')).toEqual(['a.filter.test', 'b.filter.test']);
    expect(await found('search=filter.test&ordering=-domain')).toEqual(['b.filter.test', 'a.filter.test']);
  });

  test('takes the rights on brands; which one is shown is for anybody', async () => {
    const stranger = await buildAccount(app.ctx);
    const reader = await buildAccount(app.ctx, { permissions: ['authentik_brands.view_brand'] });
    const status = async (token: string, method: string) =>
      (await app.api(method, BRANDS, method === 'POST' ? { domain: 'by-reader.test' } : undefined, { token })).status;
    expect([await status(stranger.token, 'GET'), await status(reader.token, 'GET')]).toEqual([403, 200]);
    expect(await status(reader.token, 'POST')).toBe(403);
    expect((await app.api('GET', `${BRANDS}current/`, undefined, { token: stranger.token })).status).toBe(200);
  });
});

describe('its flows', () => {
  const start = async (host: string, designation: string, path = ''): Promise<string> => {
    const url = `/flows/-/default/${designation}/${path}`;
    const answer = await app.jar().ask('GET', url, { headers: { host } });
    return answer.status === 302 ? String(answer.headers['location']) : String(answer.status);
  };

  test('begin where sign-in and sign-out begin, before the first by slug', async () => {
    // Their slugs stand behind those of the default flows.
    const flow_authentication = await makeFlow('z-sign-in', 'authentication');
    const flow_invalidation = await makeFlow('z-sign-out', 'invalidation');
    await make({ domain: 'flows.test', flow_authentication, flow_invalidation });
    expect(await start('flows.test', 'authentication', '?next=/x')).toBe('/if/flow/z-sign-in/?next=%2Fx');
    expect(await start('flows.test', 'invalidation')).toBe('/if/flow/z-sign-out/');
    expect(await start('elsewhere.test', 'authentication')).toBe('/if/flow/default-authentication-flow/');
  });

  test('of other designations are the first by slug, whatever the brand says (contract part 2, section 2)', async () => {
    const flow_recovery = await makeFlow('z-recovery', 'recovery');
    await makeFlow('a-recovery', 'recovery');
    await make({ domain: 'recovery.test', flow_recovery });
    expect(await start('recovery.test', 'recovery')).toBe('/if/flow/a-recovery/');
    expect((await current('recovery.test')).flow_recovery).toBe('z-recovery');
  });

  test('a brand without one leaves it to the first by slug whose policies pass', async () => {
    await make({ domain: 'bare.test' });
    const [first] = (await app.api('GET', `${FLOWS}?designation=authentication&ordering=slug`)).body.results;
    expect(await start('bare.test', 'authentication')).toBe(`/if/flow/${first.slug}/`);
  });
});

describe('on the pages', () => {
  const page = async (host: string, path = '/if/flow/default-authentication-flow/', headers = {}) =>
    app.jar().get(path, { headers: { host, ...headers } });

  test('title, logo and icon are the brand’s, and nothing in them is markup (T23)', async () => {
    await make({
      domain: 'look.test',
      branding_title: 'Ada & <b>Co</b>',
      branding_logo: '/media/ada-%(theme)s.svg',
      branding_favicon: PICTURE,
    });
    const { text } = await page('look.test');
    expect(text).toMatch(/<title>[^<]*Ada &amp; &lt;b>Co&lt;\/b><\/title>/);
    expect(text).toContain('src="/media/ada-light.svg"');
    expect(text).toContain('srcset="/media/ada-dark.svg"');
    expect(text).toContain(`<link rel="icon" href="${PICTURE}"`);
    expect(text).not.toContain('<b>Co');
    expect((await page('look.test', '/if/flow/nothing/')).text).toContain('Ada &amp; &lt;b>Co');
  });

  test('a style sheet is a file of its own that the content security policy allows (T23)', async () => {
    const css = ':root { --accent: #a0a } /* </style><script>alert(1)</script> */';
    const { brand_uuid: uuid } = await make({ domain: 'style.test', branding_custom_css: css });
    const { text, headers } = await page('style.test');
    expect(text).not.toContain('alert(1)');
    const [, path = ''] = /href="(\/static\/brands\/[^"]+)"/.exec(text) ?? [];
    expect(String(headers['content-security-policy'])).toContain("style-src 'self'");
    const sheet = await app.jar().get(path);
    expect([sheet.status, sheet.text]).toEqual([200, css]);
    expect(sheet.headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    await app.api('PATCH', `${BRANDS}${uuid}/`, { branding_custom_css: '' });
    expect((await app.jar().get(path)).status).toBe(404);
    expect((await page('style.test')).text).not.toContain('/static/brands/');
  });

  test('the language of who asks for none of ours is the brand’s', async () => {
    await make({ domain: 'de.test', attributes: { settings: { locale: 'de_AT' } } });
    const language = async (accept: string) =>
      /<html lang="(\w+)"/.exec((await page('de.test', undefined, { 'accept-language': accept })).text)?.[1];
    expect([await language('fr'), await language('en'), await language('')]).toEqual(['de', 'en', 'de']);
  });

  test('the background of a flow that has none is told by the executor', async () => {
    await make({ domain: 'sea.test', branding_default_flow_background: '/media/sea.jpg' });
    const background = async (host: string) => {
      const url = '/api/v3/flows/executor/default-authentication-flow/?query=';
      return (await app.jar().get(url, { headers: { host } })).body.flow_info.background;
    };
    expect(await background('sea.test')).toBe('/media/sea.jpg');
    expect(await background('elsewhere.test')).toBe('/static/dist/assets/images/flow_background.jpg');
    await app.api('PATCH', `${FLOWS}default-authentication-flow/`, { background: '/own.jpg' });
    expect(await background('sea.test')).toBe('/own.jpg');
    await app.api('PATCH', `${FLOWS}default-authentication-flow/`, { background: '' });
  });
});
