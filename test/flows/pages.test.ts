import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Answer } from '../jar.ts';
import {
  ENROLLMENT,
  buildFlow,
  buildPromptStage,
  buildStage,
  countUses,
  dummyStage,
  findUser,
  invitationStage,
  invite,
  unique,
} from './builders.ts';
import { accept, formOf, headingOf, pageOf, submit, typedCredentials } from './forms.ts';

const FORM = 'application/x-www-form-urlencoded';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

describe('without JavaScript', () => {
  test('an invitation becomes an account, signed in', async () => {
    const invited = await invite(app, { single_use: true, fixed_data: { email: 'nojs@example.com' } });
    const [jar, username] = [app.jar(), unique('nojs')];
    const first = await accept(jar, pageOf(ENROLLMENT, invited.query));
    expect(formOf(first).names).toEqual(['username', 'password', 'password_repeat']);
    const second = await submit(jar, first, typedCredentials(username));
    expect(formOf(second).names).toEqual(['name', 'email']);
    expect(second.text).toContain('nojs@example.com');
    const home = await submit(jar, second, { name: 'No Script', email: 'nojs@example.com' });
    expect(home.status).toBe(200);
    expect(home.text).toContain('No Script');
    expect(await findUser(app, username)).toMatchObject({ name: 'No Script', email: 'nojs@example.com' });
    expect(await countUses(app, invited)).toBe(1);
  });

  test('a form is answered by a redirect, so that going back sends nothing twice', async () => {
    const { query } = await invite(app);
    const jar = app.jar();
    await accept(jar, pageOf(ENROLLMENT, query));
    const payload = new URLSearchParams(typedCredentials(unique('redirected'))).toString();
    const type = 'application/x-www-form-urlencoded';
    const answer = await jar.ask('POST', pageOf(ENROLLMENT), { payload, type });
    expect([answer.status, answer.headers['location']]).toEqual([303, pageOf(ENROLLMENT)]);
  });

  test('wrong input is shown again with words at the field, and never with a password', async () => {
    const { query } = await invite(app);
    const jar = app.jar();
    const page = await accept(jar, pageOf(ENROLLMENT, query));
    const again = await submit(jar, page, {
      username: 'akadmin',
      password: 'canary-one',
      password_repeat: 'canary-two',
    });
    expect(again.status).toBe(200);
    expect(again.text).toContain('Username is already taken.');
    expect(again.text).toContain('value="akadmin"');
    expect(again.text).not.toContain('canary');
    const differs = await submit(jar, again, {
      username: 'fine',
      password: 'canary-one',
      password_repeat: 'canary-two',
    });
    expect(differs.text).toContain("Passwords don't match.");
    expect(differs.text).not.toContain('canary');
    expect(formOf(await submit(jar, differs, typedCredentials(unique('fixed')))).names).toEqual(['name', 'email']);
  });

  test('a password under an innocent name is not shown again either', async () => {
    const form = await buildPromptStage(app, { pin: { type: 'password' }, note: {} });
    const { slug } = await buildFlow(app, [form, await dummyStage(app)]);
    const jar = app.jar();
    const again = await submit(jar, await jar.get(pageOf(slug)), { pin: 'canary', note: '' });
    expect(again.text).toContain('This field may not be blank.');
    expect(again.text).not.toContain('canary');
  });

  test.each([
    ['bytes', Buffer.from([0x6e, 0x61, 0x6d, 0x65, 0x3d, 0xff])],
    ['escapes', 'name=%c3%28'],
  ])('P3: a form with %s that are no UTF-8 is refused, and answers nothing', async (_what, payload) => {
    const { slug } = await buildFlow(app, [await buildPromptStage(app, { name: {} })]);
    const jar = app.jar();
    await jar.get(pageOf(slug));
    const type = 'application/x-www-form-urlencoded';
    expect((await jar.ask('POST', pageOf(slug), { payload, type })).status).toBe(400);
    expect(formOf(await jar.get(pageOf(slug))).names).toEqual(['name']);
  });

  test('markup that was typed is shown as text (T23)', async () => {
    const { query } = await invite(app);
    const jar = app.jar();
    const page = await accept(jar, pageOf(ENROLLMENT, query));
    const typed = '"><script>alert(1)</script>';
    const again = await submit(jar, page, { username: typed, password: 'a', password_repeat: 'b' });
    expect(again.text).not.toContain('<script>alert');
  });

  test('the invitation is found also by a stage behind the first form, and after a restart', async () => {
    const behind = { stage: await buildPromptStage(app, { last: {} }), invalid_response_action: 'restart' };
    const stages = [await buildPromptStage(app, { first: {} }), await invitationStage(app), behind];
    const { slug } = await buildFlow(app, stages);
    const invited = await invite(app, { single_use: true });
    const jar = app.jar();
    let page = await accept(jar, pageOf(slug, invited.query));
    for (let round = 0; round < 2; round += 1) {
      page = await submit(jar, page, { first: 'x' });
      expect(formOf(page).names).toEqual(['last']);
      page = await submit(jar, page, { last: '' });
      expect(formOf(page).names).toEqual(['first']);
    }
    page = await submit(jar, page, { first: 'x' });
    await submit(jar, page, { last: 'y' });
    expect(await countUses(app, invited)).toBe(1);
  });

  test('T18: of the plan of another flow a page takes no link', async () => {
    const invited = await invite(app);
    const gate = async () => (await buildFlow(app, [await invitationStage(app), await dummyStage(app)])).slug;
    const [one, two] = [await gate(), await gate()];
    const jar = app.jar();
    expect(formOf(await accept(jar, pageOf(one, invited.query))).action).toBe(pageOf(one));
    expect((await jar.get(pageOf(two))).text).not.toContain(invited.pk);
  });
});

describe('a link that does not work', () => {
  test.each([
    ['unknown', 'itoken=11111111-1111-4111-8111-111111111111'],
    ['missing', ''],
  ])('%s: the page says what may have happened and what to do', async (_kind, query) => {
    const page = await app.jar().get(pageOf(ENROLLMENT, query));
    expect(page.status).toBe(200);
    expect(page.text).toContain('It has been used already.');
    expect(formOf(page).names).toEqual([]);
  });

  test.each([
    ['a form that is no UTF-8', 400, { payload: 'name=%c3%28', type: FORM }],
    ['a form that is too large', 413, { payload: `name=${'x'.repeat(1024 * 1024)}`, type: FORM }],
    ['what is no form', 415, { payload: '{}', type: 'application/json' }],
  ])('%s is a page that says so, with %i, in the browser’s language', async (_what, status, sent) => {
    const texts = [];
    for (const language of ['en', 'de']) {
      const options = { ...sent, headers: { 'accept-language': language } };
      const page = await app.jar().ask('POST', pageOf(ENROLLMENT), options);
      texts.push([page.status, headingOf(page)]);
    }
    expect(texts).toEqual([
      [status, 'We could not read this'],
      [status, 'Das konnten wir nicht lesen'],
    ]);
  });

  test('an unknown flow is a page with 404', async () => {
    const page = await app.jar().get(pageOf('no-such-flow'));
    expect(page.status).toBe(404);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  test('an address that leads nowhere is a page for a browser, and JSON for a client and below /api/ (D14)', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const page = await app.jar().get('/if/admin/', { headers });
    expect(page.status).toBe(404);
    expect(page.text).toContain('There is nothing here');
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    for (const [url, options] of [
      ['/if/admin/', {}],
      ['/if/admin/', { headers: { accept: '*/*' } }],
      ['/api/v3/nothing/', { headers }],
    ] as const) {
      const answer = await app.jar().get(url, options);
      expect([answer.status, answer.body]).toEqual([404, { detail: 'Not found.' }]);
    }
  });
});

describe('headers of a page', () => {
  const pages = async (): Promise<readonly Answer[]> => {
    const { query } = await invite(app);
    const deny = (await buildFlow(app, [await buildStage(app, '/stages/deny/')])).slug;
    const urls = [pageOf(ENROLLMENT, query), pageOf(ENROLLMENT), pageOf(deny), pageOf('no-such-flow')];
    return Promise.all(urls.map((url) => app.jar().get(url)));
  };

  test('T08, S18, S19: nothing foreign loads, nothing is kept, no address leaks', async () => {
    for (const { headers, text } of await pages()) {
      const policy = String(headers['content-security-policy']);
      const nonce = /'nonce-([\w-]{22})'/.exec(policy)?.[1];
      expect(nonce).toBeDefined();
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).not.toContain('unsafe-inline');
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      for (const [script] of text.matchAll(/<script[^>]*>/g)) expect(script).toContain(`nonce="${nonce}"`);
      expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
      expect(text).not.toMatch(/\son\w+=/);
    }
  });

  test('no two pages have the same nonce', async () => {
    const nonces = (await pages()).map(
      ({ headers }) => /'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1],
    );
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  test('T08: the token is not in the form’s address nor in a redirect’s', async () => {
    const { query, pk } = await invite(app);
    const jar = app.jar();
    const page = await jar.get(pageOf(ENROLLMENT, `${query}&next=%2Ffoo`));
    expect(formOf(page).action).toBe(`${pageOf(ENROLLMENT)}?next=%2Ffoo`);
    const payload = new URLSearchParams(typedCredentials(unique('hidden'))).toString();
    const type = 'application/x-www-form-urlencoded';
    const answer = await jar.ask('POST', pageOf(ENROLLMENT, query), { payload, type });
    expect(String(answer.headers['location'])).not.toContain(pk);
    expect(JSON.stringify(app.logged)).not.toContain(pk);
  });
});
