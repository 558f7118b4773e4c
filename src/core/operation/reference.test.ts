import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { render } from './reference/html.ts';

const app = await testApp();
const page = await app.http.inject({ url: '/api/v3/', headers: { host: 'localhost' } });
const document = (await app.api('GET', '/api/v3/schema/?format=json', undefined, { token: null })).body;

test('the reference shows every operation and every schema of our document, to everybody', () => {
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  const methods: { operationId: string }[] = Object.values(document.paths).flatMap((item) => Object.values(item ?? {}));
  expect(methods.length).toBeGreaterThan(100);
  for (const { operationId } of methods) expect(page.body).toContain(`id="${operationId}"`);
  for (const name of Object.keys(document.components.schemas)) expect(page.body).toContain(`id="schema-${name}"`);
});

test('every link inside the reference leads somewhere', () => {
  const ids = new Set([...page.body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...page.body.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
  expect(targets.length).toBeGreaterThan(100);
  expect(targets.filter((target) => !ids.has(target))).toEqual([]);
});

test('S18 the policy allows the page its own style sheet and no script', () => {
  const policy = String(page.headers['content-security-policy']);
  const style = /<style>([^]*?)<\/style>/.exec(page.body)?.[1] ?? '';
  expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('script-src');
  expect(page.body).not.toMatch(/<script| style=| on\w+=/);
});

test('what is put into a page is escaped', () => {
  expect(render`<a title="${'"><script>'}">${"<&'"}</a>`.markup).toBe(
    '<a title="&quot;&gt;&lt;script&gt;">&lt;&amp;&#39;</a>',
  );
});
