import { beforeAll, describe, expect, test } from 'vitest';
import { redirectTo } from '../../src/core/flows/index.ts';
import { localTarget } from '../../src/core/flows/next-url.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import { DENIED, buildFlow, dummyStage, enrol, enrollmentFlow, invite, probeStages, unique } from './builders.ts';
import type { BuiltFlow } from './builders.ts';

const probes = probeStages();
let app: TestApp;
let flow: BuiltFlow;
let refusing: BuiltFlow;
beforeAll(async () => {
  app = await testApp({ provides: [probes.contribution] });
  flow = await buildFlow(app, []);
  refusing = await buildFlow(app, [], { authentication: 'require_superuser', denied_action: 'continue' });
});

const SELF = 'http://localhost';

/** Names of hosts, schemes, and spellings that one parser or another takes for them (T22, A42, E12). */
const FOREIGN = [
  'https://evil.example',
  'HTTPS://EVIL.EXAMPLE/',
  'http://evil.example',
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '//evil.example/%2e%2e',
  '//evil.example@localhost',
  '//localhost@evil.example',
  '//evil%2Eexample',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\\/evil.example',
  '/\\\\evil.example',
  '\\/\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '/\t\\evil.example',
  '\t//evil.example',
  '\n//evil.example',
  ' //evil.example',
  '\u00a0//evil.example',
  '\u0001//evil.example',
  '\ufeff//evil.example',
  '/./\\evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/a/..//evil.example',
  '/a/../\\evil.example',
  '/%2e//evil.example',
  '/%2e%2e//evil.example',
  '/a/%2e%2e//evil.example',
  '/;@evil.example//..//evil.example',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  'java\nscript:alert(1)',
  ' javascript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript://localhost/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'blob:http://evil.example/1',
  'file:///etc/passwd',
  'ftp://evil.example',
  'mailto:a@evil.example',
  'http:evil.example',
  'http:/evil.example',
  'https:/evil.example',
  'http:\\\\evil.example',
  'http:///evil.example',
  'https:evil.example',
  'https:@evil.example',
  'http://localhost@evil.example',
  'http://localhost.evil.example',
  'http://localhost:80@evil.example',
  'http://localhost%2eevil.example',
  'http://[::1]@evil.example',
  'http://evil.example#@localhost',
  'http://evil.example?@localhost',
  'http://evil.example\\@localhost',
  'http://localhost\\@evil.example',
  'https://evil\u3002example',
  '\uff0f\uff0fevil.example',
  'evil.example',
  'www.evil.example/path',
  '.evil.example',
  '@evil.example',
  ':80',
  '?next=//evil.example',
  '#//evil.example',
  `/${'a'.repeat(5000)}`,
];

/** Where a browser on our page goes. */
const resolved = (to: string): URL => new URL(to, `${SELF}/if/flow/x/`);

describe('T22: a foreign next', () => {
  test('there are more than sixty of them', () => {
    expect(new Set(FOREIGN).size).toBeGreaterThan(60);
  });

  test.each(FOREIGN)('%j at the end of a flow, at a refusal and at a cancel leads nowhere else', async (next) => {
    const encoded = encodeURIComponent(next);
    const { body } = await app.jar().open(flow.slug, `next=${encoded}`);
    expect([undefined, 'Invalid next URL']).toContain(body.error_message);
    expect(resolved(body.component === DENIED ? '/' : body.to).origin).toBe(SELF);
    const refused = (await app.jar().get(`${executorUrl(refusing.slug)}?next=${encoded}`)).body;
    expect(resolved(refused.to).origin).toBe(SELF);
    const cancelled = await app.jar().ask('GET', `/flows/-/cancel/?next=${encoded}`);
    expect(resolved(String(cancelled.headers['location'])).origin).toBe(SELF);
    const page = await app.jar().ask('GET', `/if/flow/${flow.slug}/?next=${encoded}`);
    expect(resolved(String(page.headers['location'] ?? '/')).origin).toBe(SELF);
  });

  test.each(FOREIGN)('%j is read the same way by every reader that comes after', (next) => {
    const target = localTarget(next);
    if (target === undefined) return;
    expect(target).toMatch(/^\/(?![/\\])/);
    expect(target).not.toMatch(/[\\\s\p{Cc}]/u);
    expect(localTarget(target)).toBe(target);
  });
});

describe('our own next', () => {
  test.each([
    ['/foo', '/foo'],
    ['/foo/bar?a=b&c=d#e', '/foo/bar?a=b&c=d#e'],
    ['/a/../b', '/b'],
    ['/if/user/', '/if/user/'],
    ['/ü', '/%C3%BC'],
    ['/a%2Fb', '/a%2Fb'],
    ['/x?next=https://evil.example', '/x?next=https://evil.example'],
  ])('(65) %s leads to %s', async (next, to) => {
    expect((await app.jar().open(flow.slug, `next=${encodeURIComponent(next)}`)).body).toEqual({
      component: 'xak-flow-redirect',
      to,
    });
    const cancelled = await app.jar().ask('GET', `/flows/-/cancel/?next=${encodeURIComponent(next)}`);
    expect(cancelled.headers['location']).toBe(to);
  });

  test('(65) inside the query leads an enrollment to its end there, one of another origin denies it', async () => {
    const { slug } = await enrollmentFlow(app);
    const { query } = await invite(app);
    const arrival = { slug, query: `${query}&next=${encodeURIComponent('/foo')}` };
    expect((await enrol(app.jar(), arrival, unique('next'))).body.to).toBe('/foo');
    const foreign = { slug, query: `${query}&next=${encodeURIComponent('https://evil')}` };
    expect((await enrol(app.jar(), foreign, unique('next'))).body).toMatchObject({
      component: DENIED,
      error_message: 'Invalid next URL',
    });
  });

  test('of the last request counts, because each replaces the query', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app)]);
    const jar = app.jar();
    await jar.open(slug, 'next=/first');
    expect((await jar.answer(slug, {}, 'next=/second')).body.to).toBe('/second');
    const other = app.jar();
    await other.open(slug, 'next=/first');
    expect((await other.answer(slug, {})).body.to).toBe('/');
  });

  test('gives way to a redirect that the plan carries, even an absolute one', async () => {
    const lead = await probes.build(app, ({ plan }) => plan.set(redirectTo, 'https://app.example/after'));
    const { slug } = await buildFlow(app, [lead]);
    expect((await app.jar().open(slug, 'next=/foo')).body.to).toBe('https://app.example/after');
  });
});
