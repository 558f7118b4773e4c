import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SIGN_OUTS, browserTests, signIn } from './chromium-world.ts';

browserTests('who comes from elsewhere, in Chromium', (world) => {
  const stranger = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>elsewhere</title><body>');
  });
  // Another name of the loopback is another site to a browser, another port is only another origin.
  let sites: readonly string[] = [];

  beforeAll(async () => {
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    sites = [`http://localhost:${port}/`, `http://127.0.0.1:${port}/`];
  });
  afterAll(() => new Promise((resolve) => stranger.close(resolve)));

  test('a form or a script of another origin is refused and changes nothing (T16, D12, 83)', async () => {
    await world.enroll('target');
    await world.visit({ elsewhere: true }, async ({ page }) => {
      for (const site of sites) {
        for (const path of SIGN_INS) {
          expect(await postFrom(page, { site, url: world.origin + path })).toBe(403);
        }
        const refused = refusals();
        await fetchFrom(page, { site, url: `${world.origin}${EXECUTOR}` });
        await expect.poll(refusals).toBe(refused + 1);
      }
      expect(await world.isSignedIn(page)).toBe(false);
    });
  });

  test('a link, a picture or a frame of another site signs nobody out (T16)', async () => {
    await world.enroll('secure');
    await world.visit({ elsewhere: true }, async ({ page }) => {
      await signIn(page, 'secure');
      await page.waitForURL('/if/user/');
      const culprits: string[] = [];
      const urls = SIGN_OUTS.map((path) => world.origin + path);
      for (const site of sites) {
        await page.goto(site);
        await show(page, urls.map((url) => `<img src="${url}"><iframe src="${url}"></iframe>`).join(''));
        await page.waitForLoadState('networkidle');
        if (!(await world.isSignedIn(page))) culprits.push(`pictures and frames of ${site}`);
        for (const url of urls) {
          await page.goto(site);
          await show(page, `<a href="${url}">go</a>`);
          await Promise.all([page.waitForURL(`${world.origin}/**`), page.locator('a').click()]);
          if (!(await world.isSignedIn(page))) culprits.push(`a link to ${url} on ${site}`);
        }
      }
      expect(culprits).toEqual([]);
      await page.goto('/if/user/');
      await page.getByRole('link', { name: 'Sign out' }).click();
      await page.locator('[name=uid_field]').waitFor();
      expect(await world.isSignedIn(page)).toBe(false);
    });
  });

  /** How many answers to the executor's POST the server refused so far; the browser hides them from another site. */
  const refusals = () =>
    world.app.logged.filter(
      ({ fields }) => fields?.['route'] === '/api/v3/flows/executor/{flow_slug}/' && fields['status'] === 403,
    ).length;
});

const EXECUTOR = '/api/v3/flows/executor/default-authentication-flow/';
const SIGN_INS = ['/if/flow/default-authentication-flow/', EXECUTOR];

type Sent = { readonly site: string; readonly url: string };

const show = (page: Page, html: string) => page.evaluate(`document.body.innerHTML = ${JSON.stringify(html)}`);

/** The status of a form sent from another site's page. */
async function postFrom(page: Page, { site, url }: Sent): Promise<number> {
  await page.goto(site);
  await show(
    page,
    `<form method="post" action="${url}"><input name="uid_field" value="target"><button>go</button></form>`,
  );
  const answered = page.waitForResponse((response) => response.url() === url && response.request().method() === 'POST');
  await page.locator('button').click();
  return (await answered).status();
}

/** Sends what a script of another site may send without asking first. */
async function fetchFrom(page: Page, { site, url }: Sent): Promise<void> {
  await page.goto(site);
  const options = "{ method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' }";
  await page.evaluate(`fetch(${JSON.stringify(url)}, ${options}).catch(() => undefined)`);
}
