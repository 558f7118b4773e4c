import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { buildFlow, buildPromptStage, buildStage } from '../../src/features/stages/prompt/builders.ts';
import { browserTests, fill, look, openLink, submit } from './chromium-world.ts';

const optional = { required: false };
const FIELDS = {
  username: { type: 'username', label: 'Username' },
  email: { type: 'email', label: 'Email', ...optional },
  password: { type: 'password', label: 'Password' },
  password_repeat: { type: 'password', label: 'Password (repeat)' },
  note: { type: 'alert_info', label: 'Please have your badge at hand.' },
  line: { type: 'separator', label: 'About you' },
  'attributes.nick': { label: 'Nickname', sub_text: 'What your friends call you.', ...optional },
  'attributes.about': { type: 'text_area', label: 'About you' },
  'attributes.number': { type: 'number', label: 'Desks' },
  'attributes.no_number': { type: 'number', label: 'Phones', ...optional },
  'attributes.fewer': { type: 'number', label: 'Chairs', initial_value: '4', ...optional },
  'attributes.news': { type: 'checkbox', label: 'Send me the newsletter' },
  'attributes.letters': { type: 'checkbox', label: 'Send me letters', initial_value: 'true' },
  'attributes.team': { type: 'radio-button-group', label: 'Team' },
  'attributes.place': { type: 'dropdown', label: 'Place' },
  'attributes.no_place': { type: 'dropdown', label: 'Second place', ...optional },
  'attributes.day': { type: 'date', label: 'First day' },
  'attributes.no_day': { type: 'date', label: 'Last day', initial_value: '2031-01-01', ...optional },
  'attributes.at': { type: 'date-time', label: 'First meeting' },
  'attributes.no_time': { type: 'date-time', label: 'Second meeting', ...optional },
  'attributes.photo': { type: 'file', label: 'Photo', ...optional },
  'attributes.source': { type: 'hidden', label: 'Source', initial_value: 'letter' },
  'attributes.rules': { type: 'static', label: 'House rules', initial_value: 'Be kind.\nClose the door.' },
  'attributes.contract': { type: 'text_read_only', label: 'Contract', initial_value: 'permanent' },
  'attributes.terms': { type: 'text_area_read_only', label: 'Terms', initial_value: 'None yet.' },
  warning: { type: 'alert_warning', label: 'Your badge expires every year.' },
  danger: { type: 'alert_danger', label: 'Never lend your badge.' },
  locale: { type: 'ak-locale', label: 'Language', ...optional },
};

const CHOICES = [
  { value: 'green', label: 'The green ones' },
  { value: 'blue', label: 'The blue ones' },
];
const FIXED = Object.fromEntries(['team', 'place', 'no_place'].map((key) => [`attributes.${key}__choices`, CHOICES]));

/** What both ways of sending the form must leave in the account. */
const ATTRIBUTES = {
  nick: '',
  about: 'One line\nand another',
  number: 7,
  news: true,
  letters: false,
  team: 'blue',
  place: 'green',
  day: '2030-02-28',
  source: 'letter',
  rules: 'Be kind.\nClose the door.',
  contract: 'permanent',
  terms: 'None yet.',
};

async function answer(page: Page, username: string): Promise<void> {
  await fill(page, {
    username,
    password: 'a long password',
    password_repeat: 'a long password',
    'attributes.about': 'One line\nand another',
    'attributes.number': '7',
    'attributes.fewer': '',
    'attributes.day': '2030-02-28',
    'attributes.no_day': '',
    'attributes.at': '2030-03-01T08:30',
  });
  await page.getByLabel('Send me the newsletter').check();
  await page.getByLabel('Send me letters').uncheck();
  await page.getByRole('radio', { name: 'The blue ones' }).check();
  await page.locator('[name="attributes.no_place"]').selectOption('');
  await page.locator('[name=locale]').selectOption('de');
}

browserTests('a form with every type of field, in Chromium', (world) => {
  let slug = '';

  beforeAll(async () => {
    const { app } = world;
    slug = await buildFlow(
      app,
      [
        await buildStage(app, '/stages/invitation/stages/'),
        await buildPromptStage(app, FIELDS),
        await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
      ],
      { title: 'Your place with us' },
    );
  });

  test('leaves the same account with and without JavaScript; what was left empty or cleared has no value', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const username = `form-${javaScriptEnabled}`;
      const { link } = await world.invite({ fixed_data: FIXED }, slug);
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await openLink(page, link);
        if (javaScriptEnabled) await look(page, 'prompt-every-type');
        await answer(page, username);
        await submit(page);
        await page.locator('[name=uid_field]').waitFor();
      });
      const [account] = await world.accounts(username);
      expect(account?.attributes).toMatchObject(ATTRIBUTES);
      for (const key of ['no_number', 'fewer', 'no_place', 'no_day', 'no_time', 'photo']) {
        expect(account?.attributes).not.toHaveProperty(key);
      }
    }
  });

  test('a file arrives whole with JavaScript, and without it the field says what it needs', async () => {
    const { link } = await world.invite({ fixed_data: FIXED, single_use: false }, slug);
    await world.visit({}, async ({ page }) => {
      await openLink(page, link);
      await answer(page, 'with-photo');
      const buffer = Buffer.from('hi');
      await page.locator('[type=file]').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer });
      await submit(page);
      await page.locator('[name=uid_field]').waitFor();
    });
    const [account] = await world.accounts('with-photo');
    expect(account?.attributes).toMatchObject({ photo: 'data:text/plain;base64,aGk=' });
    await world.visit({ javaScriptEnabled: false }, async ({ page }) => {
      await openLink(page, link);
      expect(await page.locator('[type=file]').isDisabled()).toBe(true);
      await page.getByText('This field needs JavaScript').waitFor();
    });
  });

  test('an error keeps every answer but the passwords, with and without JavaScript', async () => {
    const { link } = await world.invite({ fixed_data: FIXED, single_use: false }, slug);
    for (const javaScriptEnabled of [true, false]) {
      await world.visit({ javaScriptEnabled }, async ({ page }) => {
        await openLink(page, link);
        await answer(page, 'akadmin');
        await submit(page);
        await page.getByText('Username is already taken.').waitFor();
        const value = (key: string) => page.locator(`[name="${key}"]:not([type=hidden])`).inputValue();
        expect(await value('attributes.about')).toBe('One line\nand another');
        expect(await value('attributes.number')).toBe('7');
        expect(await value('attributes.fewer')).toBe('');
        expect(await value('attributes.day')).toBe('2030-02-28');
        expect(await value('attributes.no_day')).toBe('');
        expect(await value('attributes.no_place')).toBe('');
        expect(await value('attributes.at')).toBe('2030-03-01T08:30');
        expect(await value('locale')).toBe('de');
        expect(await page.getByLabel('Send me the newsletter').isChecked()).toBe(true);
        expect(await page.getByLabel('Send me letters').isChecked()).toBe(false);
        expect(await page.getByRole('radio', { name: 'The blue ones' }).isChecked()).toBe(true);
        expect(await page.content()).not.toContain('a long password');
      });
    }
  });

  test('a password field of any name is never written back into the page', async () => {
    const { app } = world;
    const pin = { type: 'password', label: 'Kennwort' };
    const form = await buildFlow(app, [await buildPromptStage(app, { kennwort: pin, name: { label: 'Name' } })]);
    await world.visit({ javaScriptEnabled: false }, async ({ page }) => {
      await page.goto(`/if/flow/${form}/`);
      await page.evaluate('document.forms[0].noValidate = true');
      await fill(page, { kennwort: 'sesam-open' });
      await submit(page);
      await page.getByText('This field may not be blank.').waitFor();
      expect(await page.content()).not.toContain('sesam-open');
    });
  });
});
