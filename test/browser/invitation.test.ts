import { expect, test } from 'vitest';
import { create } from '../../src/features/stages/prompt/builders.ts';
import { codeHash } from '../../src/features/stages/invitation/secret.ts';
import {
  DESKTOP,
  PHONE,
  browserTests,
  fill,
  giveCredentials,
  giveDetails,
  look,
  press,
  signIn,
  submit,
} from './chromium-world.ts';

const MESSAGE = `Liebe **Mira**,

wir proben jeden *Dienstag*. Mehr steht auf [unserer Seite](https://choir.example.org/), oder frag
[Anna](mailto:anna@example.org).

- Noten bekommst du dort
- Kaffee auch`;

browserTests('the first page of an invitation, in Chromium', (world) => {
  async function invited(columns: Record<string, unknown> = {}, body: Record<string, unknown> = {}) {
    const made = await world.invite({ expires: '2090-06-01T12:00:00Z', ...body });
    for (const [name, value] of Object.entries(columns)) {
      const text = `update invitation set ${name} = $2 where invite_uuid = $1`;
      await world.app.ctx.db.query(text, [made.pk, value as string]);
    }
    return made;
  }

  async function figures(): Promise<unknown> {
    const [row] = await world.app.ctx.db.query(
      `select (select count(*) from session) as sessions, (select count(*) from event) as events,
        (select count(*) from invitation_opening) as openings, (select count(*) from invitation_use) as uses`,
    );
    return row;
  }

  test.each([
    ['English', 'JavaScript on a desktop', true, DESKTOP, 'en-GB'],
    ['English', 'no JavaScript on a phone', false, PHONE, 'en-GB'],
    ['German', 'JavaScript on a phone', true, PHONE, 'de-DE'],
    ['German', 'no JavaScript on a desktop', false, DESKTOP, 'de-DE'],
  ])('in %s, with %s, the button leads to an account', async (_language, kind, javaScriptEnabled, viewport, locale) => {
    const german = locale === 'de-DE';
    const { pk, link } = await invited({ message: MESSAGE, message_format: 'markdown', on_behalf_of: 'the choir' });
    const username = `${german ? 'de' : 'en'}-${kind.replaceAll(' ', '-').toLowerCase()}`;
    await world.visit({ javaScriptEnabled, viewport, locale, timezoneId: 'Europe/Berlin' }, async ({ page }) => {
      await page.goto(link);
      await page.getByRole('heading', { name: german ? 'Sie sind eingeladen' : 'You are invited' }).waitFor();
      await page.getByText(german ? 'im Auftrag von the choir' : 'on behalf of the choir').waitFor();
      // With a script in the reader's zone, two hours ahead; without it in the common one, which it says.
      const time = await page.locator('time').innerText();
      expect(time).toMatch(javaScriptEnabled ? /2090.* (14:00|2:00.PM)$/ : /2090.*12:00(.PM)? UTC$/);
      expect(await page.locator('.message strong').innerText()).toBe('Mira');
      expect(new URL(page.url()).search.includes(pk)).toBe(!javaScriptEnabled);
      await page.getByRole('button', { name: german ? 'Einladung annehmen' : 'Accept the invitation' }).click();
      await giveCredentials(page, username);
      await giveDetails(page, 'Mira Keller', 'mira@example.org');
      await page.waitForURL('/if/user/');
    });
    expect(await world.accounts(username)).toHaveLength(1);
    expect(await world.invitationStatus(pk)).toBe(404);
  });

  test('every page of it looks right and passes axe, light and dark, in English and German (S18)', async () => {
    await world.enroll('reader');
    for (const [name, locale] of [
      ['en', 'en-GB'],
      ['de', 'de-DE'],
    ] as const) {
      const open = await invited(
        { message: MESSAGE, message_format: 'markdown', on_behalf_of: 'the choir', locked: true },
        {
          fixed_data: { email: 'mira@example.org' },
        },
      );
      const late = await invited({ expires: '2020-01-01T00:00:00Z' });
      const used = await invited({ used_up: '2026-01-01T00:00:00Z' });
      await world.visit({ locale }, async ({ page }) => {
        await page.goto(open.link);
        await look(page, `invitation-1-welcome-${name}`);
        await press(page, 'start');
        await giveCredentials(page, `locked-${name}`);
        await page.locator('[name=email][readonly]').waitFor();
        await look(page, `invitation-2-locked-${name}`);
        await page.goto(late.link);
        await look(page, `invitation-expired-${name}`);
        await press(page, 'ask');
        await page.locator('button').waitFor({ state: 'detached' });
        await look(page, `invitation-asked-${name}`);
        await page.goto(used.link);
        await look(page, `invitation-used-${name}`);
        await page.goto('/i');
        await look(page, `invitation-code-${name}`);
        await page.goto('/i/waiting');
        await look(page, `invitation-waiting-${name}`);
        await signIn(page, 'reader');
        await page.waitForURL('/if/user/');
        await page.goto(open.link);
        await page.locator('button[value=join]').waitFor();
        await look(page, `invitation-join-${name}`);
        expect(await page.locator('button').count()).toBe(1);
      });
    }
  });

  test('T04: a browser that stays 20 seconds, runs the scripts and follows every link but presses nothing costs nothing', async () => {
    const { pk, link } = await invited({
      message: '[our page](https://choir.example.org/)',
      message_format: 'markdown',
    });
    const before = await figures();
    await world.visit(
      { userAgent: 'Mozilla/5.0 (compatible; MailScanner/5.0)' },
      async ({ page, context, requests }) => {
        await page.goto(link);
        await page.waitForTimeout(20_000);
        await page.reload();
        await page.locator('button[value=start]').waitFor();
        expect(await context.cookies().then((all) => all.map(({ name }) => name))).toEqual(['vestibule_link']);
        expect(requests.filter((request) => request.method() !== 'GET')).toEqual([]);
      },
    );
    expect(await figures()).toEqual(before);
    expect(await world.invitationStatus(pk)).toBe(200);
    await world.enroll('after-the-scanner', link);
    expect(await world.invitationStatus(pk)).toBe(404);
  });

  test.each([
    ['with', true],
    ['without', false],
  ])('%s JavaScript a code leads to the same page', async (word, javaScriptEnabled) => {
    const code = javaScriptEnabled ? '4K7MQ-9XW2T' : '5K7MQ-9XW2T';
    const { pk } = await invited({ code_hash: codeHash(world.app.ctx, code), message: 'found it' });
    await world.visit({ javaScriptEnabled, viewport: PHONE }, async ({ page }) => {
      await page.goto('/i');
      await fill(page, { code: 'wrong' });
      await submit(page);
      await page.locator('[name=code][aria-invalid=true]').waitFor();
      await fill(page, { code: code.toLowerCase().replace('-', ' ') });
      await submit(page);
      await page.getByText('found it').waitFor();
      expect(page.url()).not.toContain(pk);
      await press(page, 'start');
      await giveCredentials(page, `coded-${word}`);
      await giveDetails(page, 'Coded', 'coded@example.org');
      await page.waitForURL('/if/user/');
    });
  });

  test('somebody who has an account signs in from the page, comes back and joins', async () => {
    await world.enroll('member');
    const group = await create(world.app, '/core/groups/', { name: 'choir' });
    const { pk, link } = await invited();
    await world.app.ctx.db.query('insert into invitation_group values ($1, $2)', [pk, group]);
    for (const javaScriptEnabled of [false, true]) {
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await page.goto(link);
        if (javaScriptEnabled) {
          await page.getByRole('heading', { name: 'This invitation has been used' }).waitFor();
          return;
        }
        await page.getByRole('link', { name: 'I already have an account' }).click();
        await fill(page, { uid_field: 'member' });
        await submit(page);
        await fill(page, { password: 'a long password of mine' });
        await submit(page);
        await page.getByRole('button', { name: 'Join as member' }).click();
        await page.getByRole('heading', { name: 'You have joined' }).waitFor();
      });
    }
    const { body } = await world.app.api('GET', '/api/v3/core/users/?username=member');
    expect(body.results[0].groups).toEqual([group]);
  });
});
