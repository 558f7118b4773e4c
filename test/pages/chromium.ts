import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { HOW_TO_INSTALL, findChromium } from '../../scripts/test/chromium.mjs';

/** The browser's path: `CHROMIUM_PATH`, else the usual names and places; undefined when there is none. */
export const chromiumPath = findChromium(process.env);

/** Ends the name of a group of tests that needs a browser: says why it is skipped. */
export const skipReason = chromiumPath ? '' : ` (skipped: ${HOW_TO_INSTALL})`;

/** Starts it without a window. Without the sandbox, which containers and root do not offer. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
}
