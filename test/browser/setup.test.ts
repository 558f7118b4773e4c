import { expect, test } from 'vitest';
import { runStartSteps } from '../../src/server.ts';
import {
  PASSWORD,
  browserTests,
  fill,
  giveCredentials,
  giveDetails,
  look,
  openLink,
  signIn,
  submit,
} from './chromium-world.ts';

browserTests(
  'the set-up link of a first start, in Chromium',
  (world) => {
    test('makes its bearer the administrator, once, whom it leads on to the first invitation; opening it before uses nothing up (A07, T04)', async () => {
      const announced = await runStartSteps(world.app, world.origin);
      const link = announced.map(({ text }) => text).find((text) => text.includes('/initial-setup/')) ?? '';
      expect(link).toContain(`${world.origin}/if/flow/initial-setup/?flow_token=`);
      await world.visit({}, async ({ page }) => {
        await page.goto(link);
        expect(page.url()).not.toContain('flow_token');
        await look(page, 'setup');
      });
      await world.visit({}, async ({ page }) => {
        await page.goto(link);
        await fill(page, { email: 'admin@example.org', password: PASSWORD, password_repeat: PASSWORD });
        await submit(page);
        await page.waitForURL('/if/user/');
        await page.getByText('akadmin', { exact: true }).waitFor();
        await look(page, 'signed-in');
        await page.getByRole('link', { name: 'Invite somebody' }).click();
        await page.getByRole('heading', { name: 'Invite somebody' }).waitFor();
        await look(page, 'invite-first');
        await page.getByText('Begin with one person').waitFor();
        await page.getByRole('button', { name: 'Make the invitation' }).click();
        const invitation = await page.getByRole('textbox', { name: 'Link' }).inputValue();
        await world.visit({ locale: 'de-DE' }, async ({ page: theirs }) => {
          await openLink(theirs, invitation);
          await giveCredentials(theirs, 'first');
          await giveDetails(theirs, 'First', 'first@example.org');
          await theirs.waitForURL('/if/user/');
          await theirs.getByText('Sie können diese Seite schließen').waitFor();
          expect(await theirs.getByRole('link').allTextContents()).toEqual(['Abmelden']);
        });
        await page.getByRole('link', { name: 'Go to your page' }).click();
        await page.getByRole('link', { name: 'Approve accounts' }).click();
        await page.getByRole('heading', { name: 'Accounts to approve' }).waitFor();
        await page.getByRole('link', { name: 'Go to your page' }).click();
        await page.waitForURL('/if/user/');
        await page.context().clearCookies();
        await signIn(page, 'akadmin');
        await page.waitForURL('/if/user/');
        await page.context().clearCookies();
        await page.goto(link);
        await page.getByRole('heading', { name: 'The set-up is done' }).waitFor();
        await look(page, 'setup-done');
        await page.getByRole('link', { name: 'Sign in' }).click();
        await page.locator('[name=uid_field]').waitFor();
      });
    });
  },
  { bare: true },
);
