import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { visit } from './browsing.ts';
import { chromiumPath, launchChromium, skipReason } from './chromium.ts';
import { startFixtureServer } from './fixture-server.ts';
import type { FixtureServer } from './fixture-server.ts';
import { challenges } from './fixtures.ts';

describe.skipIf(!chromiumPath)(`answering a challenge${skipReason}`, () => {
  let browser: Browser;
  let server: FixtureServer;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startFixtureServer(), launchChromium()]);
  });

  beforeEach(() => {
    server.received.length = 0;
    server.answers.length = 0;
    server.delay = 0;
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const at = (name: string, query = '') => `${server.origin}/if/flow/${name}/${query}`;
  const body = () => JSON.parse(server.received[0]?.body ?? 'null');
  const next = (name: string) => server.answers.push({ status: 200, body: challenges[name] });

  test('without JavaScript a form is posted to the page with every key of the answer', async () => {
    await visit(browser, { javaScriptEnabled: false }, async ({ page }) => {
      await page.goto(at('credentials', '?itoken=secret'));
      await page.getByLabel('Username').fill('mira');
      await page.getByLabel('Password', { exact: true }).fill('correct horse');
      await page.getByLabel('Password (repeat)').fill('correct horse');
      await page.getByRole('button', { name: 'Continue' }).click();
    });
    expect(server.received[0]?.url).toBe('/if/flow/credentials/');
    expect(Object.fromEntries(new URLSearchParams(server.received[0]?.body))).toEqual({
      component: 'ak-stage-prompt',
      csrf: 'token-of-the-page',
      username: 'mira',
      password: 'correct horse',
      password_repeat: 'correct horse',
    });
  });

  test('without JavaScript an unchecked box arrives as false, a checked one as true after it', async () => {
    await visit(browser, { javaScriptEnabled: false }, async ({ page }) => {
      await page.goto(at('described'));
      await page.getByLabel('Answer').fill('a friend');
      await page.getByLabel('Code').fill('1');
      await page.getByLabel('Who told you').selectOption('blue');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.goto(at('described'));
      await page.getByLabel('Ask me again').check();
      await page.getByLabel('Answer').fill('a friend');
      await page.getByLabel('Code').fill('1');
      await page.getByLabel('Who told you').selectOption('blue');
      await page.getByRole('button', { name: 'Continue' }).click();
    });
    const [unchecked, checked] = server.received.map((post) => new URLSearchParams(post.body).getAll('again'));
    expect([unchecked, checked]).toEqual([['false'], ['false', 'true']]);
  });

  test('without JavaScript what was typed is shown again, passwords are not', async () => {
    await visit(browser, { javaScriptEnabled: false }, async ({ page }) => {
      await page.goto(at('credentials-taken'));
      expect(await page.getByLabel('Username').inputValue()).toBe('mira');
      expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
      expect(await page.getByLabel('Username').getAttribute('aria-describedby')).toBe('field-username-errors');
    });
  });

  test('with JavaScript the secrets leave the address bar, the executor still gets them (T08)', async () => {
    next('details');
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('dummy', '?next=%2Ffoo&itoken=secret&flow_token=other'));
      expect(new URL(page.url()).search).toBe('?next=%2Ffoo');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel('Email').waitFor();
      expect(await page.evaluate('history.length')).toBe(2);
    });
    const query = encodeURIComponent('next=%2Ffoo&itoken=secret&flow_token=other');
    expect(server.received[0]?.url).toBe(`/api/v3/flows/executor/dummy/?query=${query}`);
  });

  test('with JavaScript every kind of field has its JSON value, and a cleared one is sent as cleared', async () => {
    next('details');
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('every-type'));
      await page.getByLabel('Username').fill('mira');
      await page.getByLabel('Password', { exact: true }).fill('correct horse');
      await page.getByLabel('Send me the newsletter').check();
      await page.getByLabel('First day').fill('');
      await page
        .getByLabel('Photo')
        .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hi') });
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel('Name', { exact: true }).waitFor();
    });
    expect(body()).toEqual({
      component: 'ak-stage-prompt',
      text: '',
      about: 'One\nTwo',
      ro: 'Research',
      roa: 'Be kind.\nBe quiet.',
      username: 'mira',
      email: 'mira@example.com',
      password: 'correct horse',
      number: '3',
      news: true,
      team: 'blue',
      place: 'green',
      day: '',
      at: '2026-12-01T08:30',
      photo: 'data:text/plain;base64,aGk=',
      source: 'letter',
      locale: '',
    });
  });

  test('a button that is the answer arrives as a boolean', async () => {
    next('details');
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('user-login'));
      await page.getByRole('button', { name: 'No', exact: true }).click();
      await page.getByLabel('Name', { exact: true }).waitFor();
    });
    expect(body()).toEqual({ component: 'ak-stage-user-login', remember_me: false });
  });

  test('the CSRF header follows the cookie, which changes at login (T16)', async () => {
    next('dummy');
    next('details');
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('dummy'));
      await page.getByRole('button', { name: 'Continue' }).click();
      await expect.poll(() => server.received.length).toBe(1);
      await expect.poll(() => page.locator('form').getAttribute('aria-busy')).toBe('false');
      await page.context().addCookies([{ name: 'authentik_csrf', value: 'fresh', url: server.origin }]);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel('Email').waitFor();
    });
    const sent = server.received.map((post) => post.headers['x-authentik-csrf']);
    expect(sent).toEqual(['token-of-the-page', 'fresh']);
  });

  test('the next step starts empty, takes the focus to its heading and is announced', async () => {
    next('details');
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('dummy'));
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel('Email').waitFor();
      expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
      expect(await page.getByLabel('Email').inputValue()).toBe('mira@example.com');
      expect(await page.locator('[aria-live]').innerText()).toContain('Next step');
    });
  });

  test('an error keeps what was typed, goes to the bad field and says so in its words', async () => {
    next('credentials-taken');
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('credentials', '?locale=de'));
      await page.getByLabel('Benutzername').fill('mira');
      await page.getByLabel('Passwort', { exact: true }).fill('correct horse');
      await page.getByRole('button', { name: 'Weiter' }).click();
      await page.getByText('Dieser Benutzername ist schon vergeben.').waitFor();
      expect(await page.evaluate('document.activeElement.name')).toBe('username');
      expect(await page.getByLabel('Passwort', { exact: true }).inputValue()).toBe('correct horse');
      expect(await page.title()).toMatch(/^Fehler: /);
    });
  });

  test('a redirect inside the site is followed', async () => {
    server.answers.push({ status: 200, body: { component: 'xak-flow-redirect', to: '/signed-in/' } });
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('dummy'));
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL('**/signed-in/');
      expect(await page.locator('main').innerText()).toContain('Mira Keller');
    });
  });

  test.each(['javascript:document.title="taken"', '//evil.invalid/', 'data:text/html,x'])(
    'a redirect to %s is not followed (T22)',
    async (to) => {
      server.answers.push({ status: 200, body: { component: 'xak-flow-redirect', to } });
      await visit(browser, {}, async ({ page, origins }) => {
        await page.goto(at('dummy'));
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByRole('heading', { name: 'We did not follow this link' }).waitFor();
        expect(page.url()).toBe(at('dummy'));
        expect([...origins]).toEqual([server.origin]);
      });
    },
  );

  test('a lost connection says so, keeps what was typed, and the same answer can be sent again', async () => {
    next('dummy');
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('details'));
      await page.getByLabel('Name', { exact: true }).fill('Mira');
      await page.context().setOffline(true);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('We could not reach the server').waitFor();
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Mira');
      await page.context().setOffline(false);
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('A step that only waits for you').waitFor();
    });
    expect(body()).toEqual({ component: 'ak-stage-prompt', name: 'Mira', email: 'mira@example.com' });
  });

  test.each([
    [403, 'This page is out of date'],
    [413, 'too large'],
    [429, 'Too many attempts'],
    [500, 'did not answer as expected'],
  ])('an answer %i is explained: %s', async (status, words) => {
    server.answers.push({ status, body: { detail: 'no' } });
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('dummy'));
      await page.getByRole('button', { name: 'Continue' }).click();
      await expect.poll(() => page.locator('form').innerText()).toContain(words);
    });
  });

  test('two clicks send one answer', async () => {
    server.delay = 300;
    next('details');
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('dummy'));
      await page.evaluate('(() => { const b = document.querySelector("button"); b.click(); b.click(); })()');
      await page.getByLabel('Email').waitFor();
    });
    expect(server.received.length).toBe(1);
  });

  test('a password can be shown and hidden again', async () => {
    await visit(browser, {}, async ({ page }) => {
      await page.goto(at('password'));
      const field = page.locator('input[name="password"]');
      await page.getByRole('button', { name: /^Show/ }).click();
      expect(await field.getAttribute('type')).toBe('text');
      await page.getByRole('button', { name: /^Show/ }).click();
      expect(await field.getAttribute('type')).toBe('password');
    });
  });
});
