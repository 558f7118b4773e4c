import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeViolations, overflow, visit } from './browsing.ts';
import { chromiumPath, launchChromium, skipReason } from './chromium.ts';
import { startFixtureServer } from './fixture-server.ts';
import type { FixtureServer } from './fixture-server.ts';
import { challenges } from './fixtures.ts';

const screenshots = fileURLToPath(new URL('../../screenshots/pages/', import.meta.url));

const flows = Object.keys(challenges).map((name) => `/if/flow/${name}/`);
const errors = ['not-found', 'unavailable', 'server-error', 'forbidden'].map((kind) => `/error/${kind}/`);
const paths = [...flows, '/signed-in/', ...errors];

const looks = [
  { width: 375, colorScheme: 'light' },
  { width: 1280, colorScheme: 'light' },
  { width: 375, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'dark' },
] as const;

// Without a Chromium (CHROMIUM_PATH or the usual places) nothing here can be seen.
describe.skipIf(!chromiumPath)(`every page${skipReason}`, () => {
  let browser: Browser;
  let server: FixtureServer;

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    [server, browser] = await Promise.all([startFixtureServer(), launchChromium()]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(paths)('%s passes axe in every look, obeys the policy and asks nobody else (T08, T23)', async (path) => {
    await visit(browser, {}, async ({ page, faults, origins }) => {
      await page.goto(server.origin + path);
      for (const { width, colorScheme } of looks) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await axeViolations(page)).toEqual([]);
        const name = path.split('/').filter(Boolean).join('-');
        await page.screenshot({ path: `${screenshots}${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
      expect(faults).toEqual([]);
      expect([...origins]).toEqual([server.origin]);
    });
  });

  test.each(paths)('%s fits a narrow and a wide window in German', async (path) => {
    await visit(browser, {}, async ({ page }) => {
      await page.goto(`${server.origin}${path}?locale=de`);
      for (const width of [320, 1440]) {
        await page.setViewportSize({ width, height: 640 });
        expect(await overflow(page)).toBe(0);
      }
    });
  });

  test.each(paths)(
    '%s says the same with and without JavaScript, but for what only JavaScript can do',
    async (path) => {
      const plain = await wordsOf(path, false);
      const taken = await wordsOf(path, true);
      expect(plain.length).toBeGreaterThan(2);
      expect(taken.filter((line) => line !== 'Show')).toEqual(
        plain.filter((line) => !line.startsWith('This field needs JavaScript')),
      );
    },
  );

  async function wordsOf(path: string, javaScriptEnabled: boolean): Promise<readonly string[]> {
    let words: readonly string[] = [];
    await visit(browser, { javaScriptEnabled }, async ({ page }) => {
      await page.goto(server.origin + path);
      const text = await page.locator('body').innerText();
      words = text.split('\n').filter((line) => line.trim() !== '');
    });
    return words;
  }
});
