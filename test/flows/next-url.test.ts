import { beforeAll, describe, expect, test } from 'vitest';
import { redirectTo } from '../../src/core/flows/index.ts';
import { localTarget } from '../../src/core/flows/next-url.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import { executorUrl } from '../jar.ts';
import { DENIED, buildFlow, dummyStage, enrol, enrollmentFlow, invite, probeStages, unique } from './builders.ts';
import type { BuiltFlow } from './builders.ts';
import { FOREIGN } from './foreign-urls.ts';

const probes = probeStages();
let app: TestApp;
let flow: BuiltFlow;
let refusing: BuiltFlow;
beforeAll(async () => {
  app = await testApp({ provides: [probes.contribution], pagesPerSecond: 10_000 });
  flow = await buildFlow(app, []);
  refusing = await buildFlow(app, [], { authentication: 'require_superuser', denied_action: 'continue' });
});

const SELF = 'http://localhost';

/** Where a browser on our page goes. */
const resolved = (to: string): URL => new URL(to, `${SELF}/if/flow/x/`);

describe('T22: a foreign next', () => {
  test('there are more than two hundred of them', () => {
    expect(new Set(FOREIGN).size).toBeGreaterThan(200);
  });

  test.each(FOREIGN)('%j at the end of a flow, at a refusal and at a cancel leads nowhere else', async (next) => {
    const encoded = encodeURIComponent(next);
    const { body } = await app.jar().open(flow.slug, `next=${encoded}`);
    expect([undefined, 'Invalid next URL']).toContain(body.error_message);
    expect(resolved(body.component === DENIED ? '/' : body.to).origin).toBe(SELF);
    const refused = (await app.jar().get(`${executorUrl(refusing.slug)}?next=${encoded}`)).body;
    expect(resolved(refused.to).origin).toBe(SELF);
    const cancelled = await app.jar().ask('GET', `/flows/-/cancel/?next=${encoded}`);
    expect(cancelled.status).toBe(302);
    expect(resolved(String(cancelled.headers['location'])).origin).toBe(SELF);
    const page = await app.jar().ask('GET', `/if/flow/${flow.slug}/?next=${encoded}`);
    expect([200, 302, 303]).toContain(page.status);
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
