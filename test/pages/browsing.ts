import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export type Visit = {
  readonly page: Page;
  /** What went wrong in the browser: errors of scripts, refusals of the content security policy. */
  readonly faults: readonly string[];
  /** The origins of all requests but `data:`. */
  readonly origins: ReadonlySet<string>;
};

/** Opens an empty page that keeps notes, calls `work` and closes it. */
export async function visit(
  browser: Browser,
  options: BrowserContextOptions,
  work: (visit: Visit) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  const origins = new Set<string>();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // A connection cut on purpose and an answer of 4xx are the browser's own lines, not the page's.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load')) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin);
  });
  try {
    await work({ page, faults, origins });
  } finally {
    await context.close();
  }
}

type AxeResult = {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary?: string }[] }[];
};

/** The violations that axe sees, one line each. Needs JavaScript switched on in the page. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const result: AxeResult = await page.evaluate('axe.run({ resultTypes: ["violations"] })');
  return result.violations.flatMap((found) =>
    found.nodes.map((node) => `${found.id}: ${node.html} ${node.failureSummary}`),
  );
}

/** How many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
