import { expect, test } from 'vitest';
import {
  SIGN_OUTS,
  browserTests,
  fill,
  giveCredentials,
  giveDetails,
  openLink,
  signIn,
  submit,
} from './chromium-world.ts';

const FLOW = '/if/flow/invitation-enrollment-flow/';
browserTests('who only looks, in Chromium', (world) => {
  test('a browser that opens the link, runs its scripts and presses every button uses nothing up (T04, 77)', async () => {
    const { pk, link } = await world.invite();
    await world.visit({}, async ({ page, context }) => {
      await openLink(page, link);
      await page.waitForTimeout(5000);
      for (let round = 0; round < 2; round += 1) {
        for (const button of await page.locator('button').all()) {
          await button.click();
          await page.waitForTimeout(500);
        }
      }
      expect(await world.isSignedIn(page)).toBe(false);
      expect(await page.locator('[name=username]').count()).toBe(1);
      await context.clearCookies();
    });
    expect(await world.invitationStatus(pk)).toBe(200);
    await world.visit({}, async ({ page }) => {
      await openLink(page, link);
      await giveCredentials(page, 'invitee');
      await giveDetails(page, 'Invitee', 'invitee@example.org');
      await page.waitForURL('/if/user/');
    });
  });

  test('HEAD, prefetching and scanners leave the link as it is (T04, 77)', async () => {
    const { pk, link } = await world.invite();
    const url = `${world.origin}${link}`;
    const guises: readonly Record<string, string>[] = [
      {},
      { 'sec-purpose': 'prefetch', purpose: 'prefetch' },
      { 'x-moz': 'prefetch' },
      { 'user-agent': 'Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; SafeLinks)' },
    ];
    for (const headers of guises) {
      expect((await fetch(url, { headers })).status).toBe(200);
      const head = await fetch(url, { method: 'HEAD', headers });
      expect(head.status).toBe(200);
      // No session either: HEAD runs no stage.
      expect(head.headers.get('set-cookie')).toBeNull();
    }
    expect(await world.invitationStatus(pk)).toBe(200);
  });

  test('HEAD and prefetching of a sign-out sign nobody out (T04)', async () => {
    await world.enroll('stays');
    await world.visit({}, async ({ page }) => {
      await signIn(page, 'stays');
      await page.waitForURL('/if/user/');
      const culprits: string[] = [];
      for (const path of SIGN_OUTS) {
        await page.request.head(`${world.origin}${path}`);
        await page.request.get(`${world.origin}${path}`, { headers: { 'sec-purpose': 'prefetch' } });
        if (!(await world.isSignedIn(page))) culprits.push(path);
      }
      expect(culprits).toEqual([]);
    });
  });

  test('a session planted before sign-in is worth nothing after it (T16)', async () => {
    await world.enroll('victim');
    await world.visit({}, async ({ page, context }) => {
      await page.goto(FLOW);
      await page.goto('/flows/-/default/authentication/');
      const planted = await context.cookies();
      await fill(page, { uid_field: 'victim' });
      await submit(page);
      await fill(page, { password: 'a long password of mine' });
      await submit(page);
      await page.waitForURL('/if/user/');
      await context.clearCookies();
      await context.addCookies(planted);
      expect(await world.isSignedIn(page)).toBe(false);
    });
  });
});
