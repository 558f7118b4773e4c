import type { Page } from 'playwright-core';

const TRIES = 3;

// Chromium's compositor now and then has no frame to copy. The same picture asked for again comes:
// https://github.com/MarketSquare/robotframework-browser/issues/5237, https://github.com/puppeteer/puppeteer/issues/5341
const NO_FRAME = 'Unable to capture screenshot';

/**
 * Keeps a picture of the whole page for people to look at. No test judges it, so that the browser had no frame at hand is
 * no fault of the page's: it is asked again, three times in all.
 */
export async function takePicture(page: Pick<Page, 'screenshot'>, path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await page.screenshot({ path, fullPage: true, animations: 'disabled' });
      return;
    } catch (error) {
      if (attempt === TRIES || !(error instanceof Error) || !error.message.includes(NO_FRAME)) throw error;
    }
  }
}
