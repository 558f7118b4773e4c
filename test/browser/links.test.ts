import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { browserTests, giveCredentials, giveDetails, look, openLink, press } from './chromium-world.ts';

const INVITATIONS = '/api/v3/stages/invitation/invitations/';
const REFUSED = 'This invitation cannot be used';
const refused = (page: Page) => page.getByRole('heading', { name: REFUSED }).waitFor();

browserTests('links that lead nowhere, and links of other people, in Chromium', (world) => {
  /** What the page says, without its one-time nonce. */
  async function pageOf(link: string, javaScriptEnabled: boolean, heading = REFUSED): Promise<string> {
    let text = '';
    await world.visit({ javaScriptEnabled }, async ({ page }) => {
      await page.goto(link);
      await page.getByRole('heading', { name: heading }).waitFor();
      text = await page.locator('main').innerText();
      if (javaScriptEnabled && link.endsWith('nonsense')) await look(page, 'invitation-refused');
    });
    return text;
  }

  test.each([true, false])(
    'a deleted link says so to who holds it, and what to do, with JavaScript: %s (T07)',
    async (javaScriptEnabled) => {
      const { pk, link } = await world.invite();
      await world.app.api('DELETE', `${INVITATIONS}${pk}/`);
      expect(await pageOf(link, javaScriptEnabled, 'This invitation was withdrawn')).toMatch(/Ask for a new/);
    },
  );

  test('unknown and malformed links get the same page, which says what to do (T07, 54)', async () => {
    const base = '/if/flow/invitation-enrollment-flow/';
    const links = [`${base}?itoken=00000000-0000-4000-8000-000000000000`, `${base}?itoken=nonsense`, base];
    const pages = [];
    for (const link of links) pages.push(await pageOf(link, links.indexOf(link) % 2 === 0));
    pages.push(await pageOf(`${base}?itoken=nonsense`, true));
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toMatch(/ask the person who invited you/);
  });

  test.each([
    ['with', true],
    ['without', false],
  ])(
    '%s JavaScript a form that stands open while somebody else uses the link ends on that page, without an account (56)',
    async (word, javaScriptEnabled) => {
      const { link } = await world.invite();
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await openLink(page, link);
        await giveCredentials(page, `late-${word}`);
        await page.locator('[name=email]').waitFor();
        await world.enroll(`quick-${word}`, link);
        await giveDetails(page, 'Late', 'late@example.org');
        await refused(page);
        await page.goto('/');
        await page.locator('[name=uid_field]').waitFor();
      });
      expect(await world.accounts(`late-${word}`)).toEqual([]);
      expect(await world.accounts(`quick-${word}`)).toHaveLength(1);
    },
  );

  test('two tabs of one profile with two links end as one account, with the data of the second link (D17)', async () => {
    const one = await world.invite({ fixed_data: { email: 'one@example.com' } });
    const two = await world.invite({ fixed_data: { email: 'two@example.com' } });
    await world.visit({}, async ({ page, context }) => {
      const second = await context.newPage();
      await openLink(page, one.link);
      await giveCredentials(page, 'first-tab');
      await page.locator('[name=email]').waitFor();
      await openLink(second, two.link);
      await giveCredentials(second, 'second-tab');
      await second.locator('[name=email]').waitFor();
      expect(await second.locator('[name=email]').inputValue()).toBe('two@example.com');
      // The first tab's answer starts its own link afresh: it asks again, with nothing of the second in it.
      await giveDetails(page, 'First', 'one@example.com');
      await page.locator('[name=username]').waitFor();
      expect(await page.content()).not.toMatch(/two@example|second-tab/);
      await giveCredentials(page, 'first-tab');
      await page.locator('[name=email]').waitFor();
      expect(await page.locator('[name=email]').inputValue()).toBe('one@example.com');
      await giveDetails(page, 'First', 'one@example.com');
      await page.waitForURL('/if/user/');
    });
    expect(await world.invitationStatus(one.pk)).toBe(404);
    expect(await world.invitationStatus(two.pk)).toBe(200);
    expect(await world.accounts('second-tab')).toEqual([]);
  });

  test('the token leaves the address at once with JavaScript, with the first answer without (T08)', async () => {
    const { pk, link } = await world.invite();
    await world.visit({}, async ({ page }) => {
      const response = await page.goto(`${link}&next=%2Fif%2Fuser%2F`);
      expect(response?.headers()).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
      expect(new URL(page.url()).search).toBe('?next=%2Fif%2Fuser%2F');
      await page.reload();
      await press(page, 'start');
      await page.locator('[name=username]').waitFor();
      expect(new URL(page.url()).search).toBe('?next=%2Fif%2Fuser%2F');
      await page.reload();
      await page.locator('[name=username]').waitFor();
    });
    await world.visit({ javaScriptEnabled: false }, async ({ page, requests }) => {
      await openLink(page, link);
      await giveCredentials(page, 'quiet');
      await page.locator('[name=email]').waitFor();
      expect(page.url()).not.toContain(pk);
      for (const request of requests) expect(request.headers()['referer'] ?? '').toBe('');
    });
    expect(JSON.stringify(world.app.logged)).not.toContain(pk);
  });

  test.each([
    ['with', true],
    ['without', false],
  ])(
    '%s JavaScript, going back after finishing shows nothing typed and sends nothing again',
    async (word, javaScriptEnabled) => {
      const { link } = await world.invite();
      await world.visit({ javaScriptEnabled }, async ({ page, requests }) => {
        await openLink(page, link);
        await giveCredentials(page, `back-${word}`);
        await giveDetails(page, 'Back', 'back@example.org');
        await page.waitForURL('/if/user/');
        const posts = requests.filter((request) => request.method() === 'POST').length;
        // The button of the first page, and two forms.
        expect(posts).toBe(3);
        await page.goBack();
        await page.getByText(`You are signed in as back-${word}`).or(page.getByText(REFUSED)).waitFor();
        expect(await page.locator('input').count()).toBe(0);
        expect(requests.filter((request) => request.method() === 'POST')).toHaveLength(posts);
        await page.goForward();
        await page.waitForURL('/if/user/');
      });
      expect(await world.accounts(`back-${word}`)).toHaveLength(1);
    },
  );
});
