import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  DESKTOP,
  PASSWORD,
  PHONE,
  browserTests,
  fill,
  giveCredentials,
  giveDetails,
  look,
  openLink,
  signIn,
  submit,
} from './chromium-world.ts';

const signedInAs = (page: Page, username: string) =>
  page.waitForURL('/if/user/').then(() => page.getByText(username, { exact: true }).waitFor());

browserTests('from an invitation to an account, in Chromium', (world) => {
  test.each([
    ['JavaScript on a desktop', true, DESKTOP],
    ['JavaScript on a phone', true, PHONE],
    ['no JavaScript on a desktop', false, DESKTOP],
    ['no JavaScript on a phone', false, PHONE],
  ])(
    'with %s the link leads to an account that signs in, out and in again (64)',
    async (kind, javaScriptEnabled, viewport) => {
      const username = kind.replaceAll(' ', '-').toLowerCase();
      const { pk, link } = await world.invite({ fixed_data: { email: 'mira@example.com', attributes: { team: 'x' } } });
      await world.visit({ javaScriptEnabled, viewport }, async ({ page }) => {
        await openLink(page, link);
        await giveCredentials(page, username);
        expect(await page.locator('[name=email]').inputValue()).toBe('mira@example.com');
        // Both forms of the flow have one title: what is said of the second names its fields.
        const heard = javaScriptEnabled ? 'Next step: Welcome! Complete your enrollment. Fields: Name, Email' : '';
        expect(await page.locator('[aria-live]').textContent()).toBe(heard);
        expect(await world.invitationStatus(pk)).toBe(200);
        await giveDetails(page, 'Mira Keller', 'mira@example.org');
        await signedInAs(page, username);
        await page.getByRole('link', { name: 'Sign out' }).click();
        await page.locator('[name=uid_field]').waitFor();
        await page.goto('/if/user/');
        expect(new URL(page.url()).pathname).toBe('/if/flow/default-authentication-flow/');
        await signIn(page, username);
        await signedInAs(page, username);
      });
      expect(await world.invitationStatus(pk)).toBe(404);
      const [account] = await world.accounts(username);
      expect(account).toMatchObject({ name: 'Mira Keller', email: 'mira@example.org', attributes: { team: 'x' } });
    },
  );

  test('Accept-Language makes the whole path German, without and with JavaScript', async () => {
    for (const javaScriptEnabled of [false, true]) {
      const { link } = await world.invite();
      const username = `anna-${javaScriptEnabled}`;
      await world.visit({ javaScriptEnabled, locale: 'de-DE' }, async ({ page }) => {
        await openLink(page, link);
        expect(await page.locator('html').getAttribute('lang')).toBe('de');
        await page.getByLabel('Benutzername').fill(username);
        await page.getByLabel('Passwort', { exact: true }).fill('ein langes Passwort');
        await page.getByLabel('Passwort (Wiederholung)', { exact: true }).fill('ein anderes Passwort');
        await page.getByRole('button', { name: 'Weiter' }).click();
        await page.getByText('Die Passwörter stimmen nicht überein.').waitFor();
        await fill(page, { password: 'ein langes Passwort', password_repeat: 'ein langes Passwort' });
        await page.getByRole('button', { name: 'Weiter' }).click();
        await page.getByLabel('E-Mail').fill('anna@example.org');
        await page.getByLabel('Name', { exact: true }).fill('Anna');
        await page.getByRole('button', { name: 'Weiter' }).click();
        await page.getByRole('heading', { name: 'Sie sind angemeldet' }).waitFor();
        await page.getByRole('link', { name: 'Abmelden' }).click();
        await page.getByRole('heading', { name: 'Willkommen zurück' }).waitFor();
      });
    }
  });

  test('every page of the path looks right and passes axe, light and dark (S18)', async () => {
    const { link } = await world.invite({ fixed_data: { email: 'lea@example.com' } });
    await world.visit({}, async ({ page }) => {
      await openLink(page, link);
      await look(page, 'enrollment-1-credentials');
      await giveCredentials(page, 'lea');
      await page.locator('[name=email]').waitFor();
      await look(page, 'enrollment-2-details');
      await giveDetails(page, 'Lea Sommer', 'lea@example.com');
      await page.waitForURL('/if/user/');
      await look(page, 'enrollment-3-signed-in');
      await page.goto('/flows/-/default/invalidation/');
      await page.locator('[name=uid_field]').waitFor();
      await look(page, 'sign-in-1-identification');
      await fill(page, { uid_field: 'lea' });
      await submit(page);
      await page.locator('[name=password]').waitFor();
      await look(page, 'sign-in-2-password');
      await fill(page, { password: PASSWORD });
      await submit(page);
      await page.waitForURL('/if/user/');
      await page.goto('/if/flow/invitation-enrollment-flow/');
      await page.getByText('You are signed in as lea').waitFor();
      await look(page, 'denied-signed-in');
      await page.goto('/if/flow/nowhere/');
      await look(page, 'error-not-found');
      expect(await page.title()).toBe('There is nothing here · Vestibule');
    });
  });

  test('a person who is signed in can take another account, and the link is not lost on the way', async () => {
    const { link } = await world.invite();
    await world.visit({}, async ({ page }) => {
      await openLink(page, link);
      await giveCredentials(page, 'nora');
      await page.locator('[name=email]').waitFor();
      await page.reload();
      await giveDetails(page, 'Nora', 'nora@example.org');
      await signedInAs(page, 'nora');
      const other = await world.invite();
      await page.goto(other.link);
      await page.getByText('You are signed in as nora').waitFor();
      // The address no longer has the token, and another account still finds the link.
      expect(page.url()).not.toContain(other.pk);
      await page.getByRole('link', { name: 'Use another account' }).click();
      await page.getByRole('button', { name: 'Accept the invitation' }).waitFor();
      expect(page.url()).not.toContain(other.pk);
      expect(await world.isSignedIn(page)).toBe(false);
    });
  });
});
