import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { create } from '../../src/features/stages/prompt/builders.ts';
import { testApp } from '../app.ts';
import type { TestApp, TestAppOptions } from '../app.ts';
import { axeViolations, overflow } from '../pages/browsing.ts';
import { chromiumPath, launchChromium, skipReason } from '../pages/chromium.ts';
import { takePicture } from '../pages/picture.ts';

const SCREENSHOTS = fileURLToPath(new URL('../../screenshots/flows/', import.meta.url));

export const PHONE = { width: 375, height: 812 };
export const DESKTOP = { width: 1280, height: 900 };

// The page, its two files, its icon, the executor and what leads to pages: nothing else is asked for (T08, S18).
const OWN_PATHS =
  /^\/($|i($|\/)|if\/|flows\/-\/|static\/dist\/(flow\/assets\/[\w-]+\.(js|css)|assets\/icons\/icon\.png)$|api\/v3\/flows\/executor\/)/;

/** One profile of the browser with one page, and what it noted. */
export type Visit = { readonly page: Page; readonly context: BrowserContext; readonly requests: readonly Request[] };

export type VisitOptions = BrowserContextOptions & { readonly elsewhere?: boolean };

/** The product on a socket of its own, and a browser. */
export class World {
  #app: TestApp | undefined;
  #browser: Browser | undefined;
  origin = '';

  async start(options: TestAppOptions): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    [this.#app, this.#browser] = await Promise.all([testApp(options), launchChromium()]);
    this.origin = await this.app.http.listen({ host: '127.0.0.1', port: 0 });
  }

  /** Fails when an answer of the API broke the contract meanwhile: the next request of the app says so. */
  async stop(): Promise<void> {
    await this.#browser?.close();
    if (this.#app) await this.#app.api('GET', '/api/v3/core/users/me/');
  }

  get app(): TestApp {
    if (!this.#app) throw new Error('The world has not started.');
    return this.#app;
  }

  get browser(): Browser {
    if (!this.#browser) throw new Error('The world has not started.');
    return this.#browser;
  }

  /**
   * Opens a fresh profile and an empty page, calls `work`, closes it. Fails when a script broke, the content security
   * policy refused something, a dialog opened, or anything but our own pages was asked for; not so `elsewhere`, where
   * other sites are opened on purpose.
   */
  async visit({ elsewhere, ...options }: VisitOptions, work: (visit: Visit) => Promise<void>): Promise<void> {
    const context = await this.browser.newContext({ baseURL: this.origin, viewport: DESKTOP, ...options });
    context.setDefaultTimeout(PATIENCE);
    const faults: string[] = [];
    const requests: Request[] = [];
    context.on('page', (page) => watch(page, faults));
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol === 'data:') return;
      requests.push(request);
      if (url.origin !== this.origin || !OWN_PATHS.test(url.pathname)) faults.push(`request to ${url.href}`);
    });
    try {
      await work({ page: await context.newPage(), context, requests });
      if (!elsewhere) fail('The page misbehaved', faults);
    } finally {
      await context.close();
    }
  }

  /** Makes an invitation into the enrollment flow; answers its key and the path of its link. */
  async invite(body: Record<string, unknown> = {}, slug = 'invitation-enrollment-flow') {
    const flow = await this.app.api('GET', `/api/v3/flows/instances/${slug}/`);
    made += 1;
    const invitation = { name: `invitation-${made}`, flow: flow.body.pk, single_use: true, ...body };
    const pk = await create(this.app, INVITATIONS, invitation);
    return { pk, link: `/if/flow/${slug}/?itoken=${pk}` };
  }

  /** An account, made the way people make theirs; its password is {@link PASSWORD}. */
  async enroll(username: string, link?: string): Promise<void> {
    const path = link ?? (await this.invite()).link;
    await this.visit({ javaScriptEnabled: false }, async ({ page }) => {
      await openLink(page, path);
      await giveCredentials(page, username);
      await giveDetails(page, username, `${username}@example.org`);
      await page.waitForURL('/if/user/');
    });
  }

  /** Whether a page's profile is signed in; asks without moving the page. */
  async isSignedIn(page: Page): Promise<boolean> {
    const answer = await page.request.get(`${this.origin}/if/user/`, { maxRedirects: 0 });
    return answer.status() === 200;
  }

  /** The accounts of that username, from none to one. */
  async accounts(username: string): Promise<readonly { name: string; email: string; attributes: unknown }[]> {
    return (await this.app.api('GET', `/api/v3/core/users/?username=${encodeURIComponent(username)}`)).body.results;
  }

  /** The status of an invitation's GET: 404 once it is used. */
  async invitationStatus(pk: string): Promise<number> {
    return (await this.app.api('GET', `/api/v3${INVITATIONS}${pk}/`)).status;
  }
}

// Milliseconds; long enough for two busy cores.
const PATIENCE = 15_000;
const INVITATIONS = '/stages/invitation/invitations/';
let made = 0;

function watch(page: Page, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // An answer of 4xx is the browser's own line, not the page's.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load')) faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

/** A group of tests on one world; skipped, with the reason in its name, where there is no Chromium. */
export function browserTests(name: string, define: (world: World) => void, options: TestAppOptions = {}): void {
  describe.skipIf(!chromiumPath)(`${name}${skipReason}`, () => {
    const world = new World();
    beforeAll(() => world.start(options));
    afterAll(() => world.stop());
    define(world);
  });
}

/** Looks at the page on a phone and a desktop, light and dark: nothing sticks out, axe is content; keeps a picture. */
export async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport);
      if ((await overflow(page)) > 0) throw new Error(`${name} is wider than ${viewport.width} px.`);
      await takePicture(page, `${SCREENSHOTS}${name}-${viewport.width}-${colorScheme}.png`);
    }
    fail(`axe refuses ${name}`, await axeViolations(page));
  }
}

function fail(what: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(`${what}:\n${faults.join('\n')}`);
}

/** Opens an invitation's link and presses the button of its first page. */
export async function openLink(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await press(page, 'start');
  await page.locator('form [name=component]').first().waitFor({ state: 'attached' });
}

/** Presses a button of a link's first page. */
export async function press(page: Page, action: 'start' | 'join' | 'ask'): Promise<void> {
  await page.locator(`button[name=action][value=${action}]`).click();
}

/** Types into the fields of those names. */
export async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    await page.locator(`[name="${name}"]:not([type=hidden])`).fill(value);
  }
}

/** Presses the button that sends the form. */
export async function submit(page: Page): Promise<void> {
  await page.locator('button[type=submit]').first().click();
}

/** Every address that signs out who asks for it on purpose. */
export const SIGN_OUTS = [
  '/flows/-/default/invalidation/',
  '/if/flow/default-invalidation-flow/',
  '/flows/-/cancel/',
  '/api/v3/flows/executor/default-invalidation-flow/',
];

export const PASSWORD = 'a long password of mine';

/** The first form of the enrollment flow, filled in and sent. */
export async function giveCredentials(page: Page, username: string, password = PASSWORD): Promise<void> {
  await fill(page, { username, password, password_repeat: password });
  await submit(page);
}

/** The second one. */
export async function giveDetails(page: Page, name: string, email: string): Promise<void> {
  await fill(page, { name, email });
  await submit(page);
}

/** Signs in by the default flow, from wherever the page is. */
export async function signIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.goto('/flows/-/default/authentication/');
  await fill(page, { uid_field: username });
  await submit(page);
  await fill(page, { password });
  await submit(page);
}
