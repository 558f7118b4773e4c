import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findTemplate, loadCatalogue } from '../../src/core/outbox/index.ts';
import { renderMail } from '../../src/core/outbox/render.ts';
import { sampleValues } from '../../src/core/outbox/sample.ts';
import { checkMailTemplates } from '../../src/core/outbox/start.ts';
import { loadConfig } from '../../src/kernel/config/config.ts';
import type { Context } from '../../src/kernel/context.ts';
import { testApp } from '../app.ts';

const app = await testApp({ env: { VESTIBULE_PUBLIC_URL: 'https://id.example.org' } });
const TEMPLATES = '/api/v3/stages/email/templates/';

const root = mkdtempSync(join(tmpdir(), 'vestibule-mail-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
/** The context of an installation whose operator has these files. */
function operator(files: Readonly<Record<string, string>>): Context {
  made += 1;
  const directory = join(root, String(made));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const env = { VESTIBULE_PUBLIC_URL: 'https://id.example.org', VESTIBULE_MAIL_TEMPLATES: directory };
  return { ...app.ctx, config: loadConfig(env) };
}

async function render(ctx: Context, name: string, values: object = {}, language = 'en') {
  const template = await findTemplate(ctx, name);
  if (!template) throw new Error(`There is no template ${name}.`);
  return renderMail(ctx, template, { values: { ...(await sampleValues(ctx, template)), ...values }, language });
}

const start = (ctx: Context) => checkMailTemplates.run(ctx, { baseUrl: 'https://id.example.org' });

test('an end that is near is said in days, one that is far by its date, in the language of the mail', async () => {
  const [near, far] = [new Date(Date.now() + 20.5 * 86_400_000).toISOString(), '2099-03-05T12:00:00Z'];
  for (const [language, expires, said] of [
    ['en', near, 'expires in 20 days.'],
    ['en', far, 'expires on 5 March 2099.'],
    ['de', near, 'endet in 20 Tagen.'],
    ['de', far, 'endet am 5. März 2099.'],
  ] as const) {
    const mail = await render(app.ctx, 'invitation', { expires }, language);
    expect(mail.text).toContain(said);
    expect(mail.html).toContain(said);
  }
});

test('a mail of an invitation speaks of nobody besides the inviter where nobody is named', async () => {
  for (const [language, said] of [
    ['en', 'Ada has invited you to create an account at'],
    ['de', 'Ada hat Sie eingeladen, ein Konto bei'],
  ] as const) {
    const mail = await render(app.ctx, 'invitation', { inviter: 'Ada', on_behalf_of: '' }, language);
    expect(mail.text).toContain(said);
    expect(mail.html).toContain(said);
  }
});

test('the list of templates names ours as clients know them, for everybody who is signed in', async () => {
  const { status, body } = await app.api('GET', TEMPLATES);
  expect(status).toBe(200);
  const ours = ['account_confirmation', 'invitation', 'notice', 'password_reset'].map((name) => `email/${name}.html`);
  expect(body.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(ours));
  expect((await app.api('GET', TEMPLATES, undefined, { token: null })).status).toBe(403);
});

test('every template of ours has both languages, and renders with what it is given', async () => {
  await start(app.ctx);
  const { templates } = await loadCatalogue(app.ctx);
  for (const [name, { texts }] of templates) {
    expect([...texts.keys()]).toEqual(['en', 'de']);
    const [english, german] = [await render(app.ctx, name, {}, 'en'), await render(app.ctx, name, {}, 'de_DE')];
    expect(german.language).toBe('de');
    // A notice is what it is given.
    expect(german.subject === english.subject).toBe(name === 'notice');
    for (const { html, text, subject } of [english, german]) {
      expect(html).toMatch(/^<!doctype html>/);
      for (const part of [html, text, subject]) expect(part).not.toMatch(/\{\{|\{%|undefined|\[object/);
    }
  }
});

describe('values', () => {
  const evil = '<script>alert(1)</script>{{ url }}\r\nBcc: eve@example.org\u2028x';

  test('are escaped in HTML and one line in the subject (T21)', async () => {
    const { html, subject, text } = await render(app.ctx, 'notice', { heading: evil, message: evil });
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
    expect(subject).toBe('<script>alert(1)</script>{{ url }} Bcc: eve@example.org x');
    expect(text).not.toMatch(/^Bcc/m);
  });

  test('are not templates themselves', async () => {
    const { text } = await render(app.ctx, 'notice', { message: '{{ host }} {% raw %}' });
    expect(text).toContain('{{ host }} {% raw %}');
  });

  test('tell how long is left, and never too much', async () => {
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000 + 30_000).toISOString();
    const said = async (hours: number, language = 'en') =>
      (await render(app.ctx, 'invitation', { expires: inHours(hours) }, language)).text;
    expect(await said(71.9)).toContain('expires in 2 days');
    expect(await said(5)).toContain('expires in 5 hours');
    expect(await said(0.5)).toContain('expires in 30 minutes');
    expect(await said(72, 'de')).toContain('endet in 3 Tagen');
    expect((await render(app.ctx, 'invitation', { expires: null })).text).not.toContain('expires');
  });
});

describe('the folder of the operator', () => {
  test('replaces a single part of a template and leaves the others', async () => {
    const ctx = operator({ 'invitation/en.subject.liquid': 'Come to {{ host }}' });
    await start(ctx);
    const { subject, text } = await render(ctx, 'invitation');
    expect(subject).toBe('Come to id.example.org');
    expect(text).toContain('Ada Lovelace has invited you');
    expect((await render(ctx, 'invitation', {}, 'de')).subject).toContain('eingeladen');
  });

  test('adds templates and a layout of its own', async () => {
    const ctx = operator({
      'layout.liquid': '<main>{{ body | raw }}</main>',
      'welcome/template.json': '{"description": "Welcome", "sample": {"what": "tea"}}',
      'welcome/en.subject.liquid': 'Welcome',
      'welcome/en.html.liquid': '<p>{{ what }}</p>',
      'welcome/en.text.liquid': '{{ what }}',
    });
    await start(ctx);
    expect((await render(ctx, 'email/welcome.html', { what: '<b>' })).html).toBe('<main><p>&lt;b&gt;</p></main>');
    expect((await findTemplate(ctx, 'welcome'))?.description).toBe('Welcome');
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a syntax error', { 'invitation/en.html.liquid': '{% if %}' }, /invitation\/en\.html/],
    [
      'a name that is not given',
      { 'invitation/de.text.liquid': '{{ secret_key }}' },
      /invitation\/de\.text.*secret_key/,
    ],
    ['an include', { 'invitation/en.text.liquid': "{% include 'x' %}" }, /invitation\/en\.text/],
    [
      'an include of a path',
      { 'invitation/en.text.liquid': "{% render '../../../etc/passwd' %}" },
      /invitation\/en\.text/,
    ],
    ['a layout tag', { 'invitation/en.html.liquid': "{% layout '/etc/passwd' %}" }, /invitation\/en\.html/],
    ['a prototype', { 'invitation/en.text.liquid': '{{ host.constructor.name }}' }, /invitation\/en\.text/],
    ['an unknown filter', { 'invitation/en.text.liquid': '{{ host | shell }}' }, /invitation\/en\.text/],
    ['a missing part', { 'new/en.html.liquid': 'x' }, /new\/en lacks its subject/],
    ['a bad note', { 'invitation/template.json': '[]' }, /template\.json/],
    ['a bad name', { 'Über uns/en.html.liquid': 'x' }, /named by lower-case/],
    [
      'a loop without end',
      { 'invitation/en.text.liquid': '{% for i in (1..100000000) %}x{% endfor %}' },
      /invitation\/en\.text/,
    ],
  ])('with %s stops the start with a line that names it', async (_what, files, message) => {
    await expect(start(operator(files))).rejects.toThrow(message);
  });

  test('that is not there stops the start', async () => {
    const ctx = { ...app.ctx, config: loadConfig({ VESTIBULE_MAIL_TEMPLATES: join(root, 'nowhere') }) };
    await expect(start(ctx)).rejects.toThrow(/nowhere cannot be read/);
  });

  test('is read only under its own names: a path is the name of no template', async () => {
    writeFileSync(join(root, 'outside.html'), 'x');
    const ctx = operator({ 'ok/en.subject.liquid': 'x', 'ok/en.html.liquid': 'x', 'ok/en.text.liquid': 'x' });
    for (const name of ['../outside', 'email/../outside.html', '/etc/passwd', '__proto__', 'email/ok.html/', 'OK']) {
      expect(await findTemplate({ ...app.ctx, config: app.ctx.config }, name)).toBeUndefined();
    }
    expect(ctx.config.mailTemplates).toContain(root);
  });
});
