import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  PASSWORD,
  browserTests,
  fill,
  giveCredentials,
  giveDetails,
  look,
  openLink,
  submit,
} from './chromium-world.ts';

/** What the field called `name` says is wrong; its error must be tied to it. */
async function errorAt(page: Page, name: string): Promise<string> {
  const field = page.locator(`[name="${name}"][aria-invalid=true]`);
  await field.waitFor();
  const described = (await field.getAttribute('aria-describedby')) ?? '';
  const id = described.split(' ').find((part) => part.endsWith('-errors'));
  return page.locator(`[id="${id}"]`).innerText();
}

const valueOf = (page: Page, name: string) => page.locator(`[name="${name}"]`).inputValue();

browserTests('wrong inputs, in Chromium', (world) => {
  describe.each([
    ['with', true],
    ['without', false],
  ])('%s JavaScript', (_with, javaScriptEnabled) => {
    // Without scripts the browser itself would hold back an empty or odd field; its check is switched off to see ours.
    const letThrough = async (page: Page) => {
      if (!javaScriptEnabled) await page.evaluate('document.forms[0].noValidate = true');
    };

    async function enrolling(work: (page: Page) => Promise<void>): Promise<void> {
      const { pk, link } = await world.invite();
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await openLink(page, link);
        await work(page);
      });
      expect(await world.invitationStatus(pk)).toBe(200);
    }

    test('passwords that differ are said so, the username stays, no password is in the page (62)', async () => {
      await enrolling(async (page) => {
        await fill(page, { username: 'mira', password: 'one-secret-of-mine', password_repeat: 'another-secret' });
        await submit(page);
        await page.getByText("Passwords don't match.").waitFor();
        expect(await valueOf(page, 'username')).toBe('mira');
        expect(await page.content()).not.toMatch(/one-secret-of-mine|another-secret/);
        expect(await page.title()).toMatch(/^Error: /);
        if (javaScriptEnabled) await look(page, 'wrong-passwords-differ');
      });
    });

    test('a username of somebody else is refused at the field, and another one goes on (63)', async () => {
      await enrolling(async (page) => {
        await giveCredentials(page, 'akadmin');
        expect(await errorAt(page, 'username')).toBe('Username is already taken.');
        expect(await valueOf(page, 'username')).toBe('akadmin');
        expect(await page.content()).not.toContain(PASSWORD);
        if (javaScriptEnabled) await look(page, 'wrong-username-taken');
        await giveCredentials(page, 'somebody-else');
        await page.locator('[name=email]').waitFor();
      });
    });

    test('empty fields are named one by one (A10)', async () => {
      await enrolling(async (page) => {
        await letThrough(page);
        await submit(page);
        for (const name of ['username', 'password', 'password_repeat']) {
          expect(await errorAt(page, name)).toBe('This field may not be blank.');
        }
      });
    });

    test('a bad address is refused at the field, and what else was typed stays', async () => {
      await enrolling(async (page) => {
        await giveCredentials(page, 'nobody-yet');
        await page.locator('[name=email]').waitFor();
        await letThrough(page);
        await giveDetails(page, 'Mira Keller', 'not an address');
        expect(await errorAt(page, 'email')).toBe('Enter a valid email address.');
        expect(await valueOf(page, 'name')).toBe('Mira Keller');
        expect(await valueOf(page, 'email')).toBe('not an address');
      });
      expect(await world.accounts('nobody-yet')).toEqual([]);
    });
  });
});
