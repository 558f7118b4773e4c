import { expect, test } from 'vitest';
import { runStartSteps } from '../../src/server.ts';
import { PASSWORD, browserTests, fill, look, signIn, submit } from './chromium-world.ts';

browserTests(
  'the set-up link of a first start, in Chromium',
  (world) => {
    test('makes its bearer the administrator, once, and opening it before uses nothing up (A07, T04)', async () => {
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
