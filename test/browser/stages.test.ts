import type { BrowserContext } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildFlow, buildStage } from '../../src/features/stages/prompt/builders.ts';
import { PASSWORD, browserTests, fill, look, signIn, submit } from './chromium-world.ts';

const BACKENDS = { backends: ['authentik.core.auth.InbuiltBackend'] };
const DAY_SECONDS = 86_400;

browserTests('the stages of a sign-in and their likes, in Chromium', (world) => {
  const at = (slug: string) => `/if/flow/${slug}/`;
  const identification = (body = {}) =>
    buildStage(world.app, '/stages/identification/', { user_fields: ['username', 'email'], ...body });
  const password = (body = {}) => buildStage(world.app, '/stages/password/', { ...BACKENDS, ...body });
  const login = (body = {}) => buildStage(world.app, '/stages/user_login/', body);
  const signInFlow = (stages: readonly string[]) =>
    buildFlow(world.app, stages, { designation: 'authentication', title: 'Sign in' });

  beforeAll(() => world.enroll('mira'));

  describe.each([
    ['with', true],
    ['without', false],
  ])('%s JavaScript', (_word, javaScriptEnabled) => {
    test('an embedded password is asked for at once, a wrong one is refused and not shown again (31)', async () => {
      const embedded = await password({ allow_show_password: true });
      const slug = await signInFlow([await identification({ password_stage: embedded }), await login()]);
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await page.goto(at(slug));
        if (javaScriptEnabled) await look(page, 'identification-with-password');
        expect(await page.getByRole('button', { name: /^Show/ }).count()).toBe(javaScriptEnabled ? 1 : 0);
        await fill(page, { uid_field: 'mira', password: 'not-the-right-one' });
        await submit(page);
        await page.getByText('Failed to authenticate.').waitFor();
        expect(await page.locator('[name=uid_field]').inputValue()).toBe('mira');
        expect(await page.content()).not.toContain('not-the-right-one');
        if (javaScriptEnabled) await look(page, 'identification-refused');
        await fill(page, { uid_field: 'mira', password: PASSWORD });
        await submit(page);
        await page.waitForURL('/if/user/');
      });
    });

    test('a wrong password is refused at the field, too many end the flow, and one may start again', async () => {
      const slug = await signInFlow([
        await identification(),
        await password({ failed_attempts_before_cancel: 1, allow_show_password: true }),
        await login(),
      ]);
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await page.goto(at(slug));
        await fill(page, { uid_field: 'mira' });
        await submit(page);
        await fill(page, { password: 'not-the-right-one' });
        await submit(page);
        await page.getByText('Invalid password').waitFor();
        expect(await page.locator('[name=password]').getAttribute('aria-describedby')).toBe('field-password-errors');
        if (javaScriptEnabled) await look(page, 'password-wrong');
        await fill(page, { password: 'wrong-once-more' });
        await submit(page);
        await page.getByText('Too many wrong passwords.').waitFor();
        if (javaScriptEnabled) await look(page, 'denied-too-many-passwords');
        await page.getByRole('link', { name: 'Start again' }).click();
        await page.locator('[name=uid_field]').waitFor();
        expect(await world.isSignedIn(page)).toBe(false);
      });
    });

    test('who is not the one takes the way out, and the flow is forgotten', async () => {
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await page.goto('/if/flow/default-authentication-flow/');
        await fill(page, { uid_field: 'mira' });
        await submit(page);
        await page.getByRole('link', { name: 'Not you?' }).click();
        await page.locator('[name=uid_field]').waitFor();
        expect(await page.content()).not.toContain('mira');
      });
    });

    test.each([
      ['Yes', 30 * DAY_SECONDS + 7200],
      ['No', 7200],
    ])('"%s" to "remember me" gives a cookie of %i seconds', async (button, seconds) => {
      const asks = await login({ session_duration: 'hours=2', remember_me_offset: 'days=30' });
      const slug = await signInFlow([await identification(), await password(), asks]);
      await world.visit({ javaScriptEnabled }, async ({ page, context }) => {
        await page.goto(at(slug));
        await fill(page, { uid_field: 'mira' });
        await submit(page);
        await fill(page, { password: PASSWORD });
        await submit(page);
        await page.getByText('mira').first().waitFor();
        const answer = page.getByRole('button', { name: new RegExp(`^${button}`) });
        await answer.waitFor();
        if (javaScriptEnabled && button === 'Yes') await look(page, 'user-login-remember-me');
        await answer.click();
        await page.waitForURL('/if/user/');
        expect(Math.abs((await secondsLeft(context)) - seconds)).toBeLessThan(60);
      });
    });

    test('a dummy waits for its button, a deny stage says its message, a logout ends the login', async () => {
      const { app } = world;
      const waits = await buildFlow(
        app,
        [
          await buildStage(app, '/stages/dummy/', { name: `Step of ${javaScriptEnabled}` }),
          await buildStage(app, '/stages/deny/', { deny_message: 'Not on Sundays.' }),
        ],
        { title: 'A walk' },
      );
      const leaves = await buildFlow(app, [await buildStage(app, '/stages/user_logout/')], { title: 'Bye' });
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await page.goto(at(waits));
        await page.getByText(`Step of ${javaScriptEnabled}`).waitFor();
        if (javaScriptEnabled) await look(page, 'dummy');
        await submit(page);
        await page.getByText('Not on Sundays.').waitFor();
        if (javaScriptEnabled) await look(page, 'deny');
        await signIn(page, 'mira');
        await page.waitForURL('/if/user/');
        await page.goto(at(leaves));
        await page.locator('[name=uid_field]').waitFor();
        expect(await world.isSignedIn(page)).toBe(false);
      });
    });
  });

  test('a flow that is not for this visitor says so in German too', async () => {
    const slug = await buildFlow(world.app, [], {
      title: 'Nur für Angemeldete',
      authentication: 'require_authenticated',
    });
    await world.visit({ locale: 'de-CH' }, async ({ page }) => {
      await page.goto(at(slug));
      await page.getByText('Diese Seite ist nicht für Sie bestimmt, oder nicht mehr.').waitFor();
      expect(await page.locator('h1').innerText()).toBe('Hier geht es für Sie nicht weiter');
      await look(page, 'denied-german');
    });
  });

  /** How long the session's cookie still lives. */
  async function secondsLeft(context: BrowserContext): Promise<number> {
    const cookie = (await context.cookies()).find(({ name }) => name === 'authentik_session');
    return (cookie?.expires ?? 0) - world.app.ctx.clock.now().getTime() / 1000;
  }
});
