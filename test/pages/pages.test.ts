import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeViolations, overflow, visit } from './browsing.ts';
import { chromiumPath, launchChromium, skipReason } from './chromium.ts';
import { startFixtureServer } from './fixture-server.ts';
import type { FixtureServer } from './fixture-server.ts';
import { challenges } from './fixtures.ts';
import { takePicture } from './picture.ts';

const screenshots = fileURLToPath(new URL('../../screenshots/pages/', import.meta.url));

const flows = Object.keys(challenges).map((name) => `/if/flow/${name}/`);
const errors = ['not-found', 'unreadable', 'unavailable', 'server-error', 'forbidden'].map((kind) => `/error/${kind}/`);
const paths = [...flows, '/signed-in/', ...errors];

// What axe sees depends on the colours and on the width; each of both is seen once.
const looks = [
  { width: 375, colorScheme: 'light', judged: true },
  { width: 1280, colorScheme: 'light', judged: false },
  { width: 375, colorScheme: 'dark', judged: false },
  { width: 1280, colorScheme: 'dark', judged: true },
] as const;

// Without a Chromium (CHROMIUM_PATH or the usual places) nothing here can be seen.
describe.skipIf(!chromiumPath)(`every page${skipReason}`, () => {
  let browser: Browser;
  let server: FixtureServer;
  let plain: Page;
  let scripted: Page;

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    [server, browser] = await Promise.all([startFixtureServer(), launchChromium()]);
    [plain, scripted] = await Promise.all([browser.newPage({ javaScriptEnabled: false }), browser.newPage()]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(paths)(
    '%s passes axe in every look, obeys the policy, asks nobody else and fits any window in German (T08, T23)',
    async (path) => {
      await visit(browser, {}, async ({ page, faults, origins }) => {
        const violations: string[] = [];
        await page.goto(server.origin + path);
        for (const { width, colorScheme, judged } of looks) {
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          if (judged) violations.push(...(await axeViolations(page)));
          const name = path.split('/').filter(Boolean).join('-');
          await takePicture(page, `${screenshots}${name}-${width}-${colorScheme}.png`);
        }
        await page.goto(`${server.origin}${path}?locale=de`);
        for (const width of [320, 1440]) {
          await page.setViewportSize({ width, height: 640 });
          expect(await overflow(page)).toBe(0);
        }
        expect(violations).toEqual([]);
        expect(faults).toEqual([]);
        expect([...origins]).toEqual([server.origin]);
      });
    },
  );

  test.each(paths)(
    '%s says the same with and without JavaScript, but for what only JavaScript can do',
    async (path) => {
      const said = await wordsOf(plain, path);
      const taken = await wordsOf(scripted, path);
      expect(said.length).toBeGreaterThan(2);
      expect(taken.filter((line) => line !== 'Show')).toEqual(
        said.filter((line) => !line.startsWith('This field needs JavaScript')),
      );
    },
  );

  async function wordsOf(page: Page, path: string): Promise<readonly string[]> {
    await page.goto(server.origin + path);
    const text = await page.locator('body').innerText();
    return text.split('\n').filter((line) => line.trim() !== '');
  }
});
