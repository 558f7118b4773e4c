import { expect, test } from 'vitest';
import { createHttpServer } from '../../src/server.ts';
import { ENROLLMENT } from '../flows/builders.ts';
import { appWithAddresses, browserAt } from './addresses.ts';

const PAGES_PER_SECOND = 200;

test('T24: an address, and an IPv6 /64, gets so many pages a second and then a page that says so', async () => {
  const app = await appWithAddresses(100);
  // The clock stands still, so that all requests are of one second.
  const now = app.ctx.clock.now();
  const clock = { now: () => now };
  const http = await createHttpServer({ ctx: { ...app.ctx, clock } });
  const open = (address: string, url: string) =>
    http.inject({ method: 'GET', url, headers: { host: 'localhost', 'x-forwarded-for': address } });
  for (let at = 0; at < PAGES_PER_SECOND; at += 1) {
    const answer = await open(`2001:db8:5:5::${at + 1}`, at % 2 === 0 ? '/flows/-/cancel/' : '/');
    expect(answer.statusCode).toBe(302);
  }
  for (const url of [`/if/flow/${ENROLLMENT}/`, '/if/user/', '/flows/-/default/authentication/']) {
    const refused = await open('2001:db8:5:5:ffff::1', url);
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.body).toContain('Too many attempts');
  }
  expect((await open('2001:db8:5:6::1', `/if/flow/${ENROLLMENT}/`)).statusCode).toBe(200);
  expect((await open('2001:db8:5:5::1', '/-/health/live/')).statusCode).toBe(200);
  expect(app.ctx.metrics.text()).toContain('vestibule_limited_requests_total{kind="pages"} 3');
  await http.close();
  expect((await browserAt(app, '192.0.2.1').get(`/if/flow/${ENROLLMENT}/`)).status).toBe(200);
});
