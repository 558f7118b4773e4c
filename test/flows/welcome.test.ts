import { beforeAll, describe, expect, test } from 'vitest';
import { linkSecretHash, codeHash } from '../../src/features/stages/invitation/secret.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Answer, Jar } from '../jar.ts';
import {
  DENIED,
  ENROLLMENT,
  INVITATIONS,
  NO_INVITATION,
  countUses,
  dummyStage,
  enrol,
  buildFlow,
  events,
  expire,
  findUser,
  invitationStage,
  invite,
  sessionOf,
  unique,
} from './builders.ts';
import type { Invited } from './builders.ts';
import { extend, inviteWith } from './extended.ts';
import { accept, buttonsOf, formOf, headingOf, pageOf, press, submit, typedCredentials } from './forms.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const link = ({ query }: Invited): string => pageOf(ENROLLMENT, query);

async function count(table: string): Promise<number> {
  const [row] = await app.ctx.db.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  return row?.n ?? -1;
}

const COUNTED = ['session', 'event', 'invitation_opening', 'invitation_use', 'flow_plan_cache', 'users'];
const counts = () => Promise.all(COUNTED.map(count));

/** Finishes the flow on the page that shows the first form. */
async function finish(jar: Jar, first: Answer, username: string): Promise<Answer> {
  const second = await submit(jar, first, typedCredentials(username));
  return submit(jar, second, { name: 'Somebody', email: `${username}@example.org` });
}

describe('the first page of a link', () => {
  test('tells who invites, in whose name, to what, with which words and until when, and has one button', async () => {
    const invited = await inviteWith(app, {
      message: 'Dear Bob,\n\nwelcome <b>aboard</b>.',
      on_behalf_of: 'the choir',
      expires: '2090-05-06T12:00:00Z',
    });
    const page = await app.jar().get(link(invited));
    expect(page.status).toBe(200);
    expect(headingOf(page)).toBe('You are invited');
    expect(page.text).toContain('Administrator invites you to Vestibule, on behalf of the choir.');
    expect(page.text).not.toContain('What for');
    expect(page.text).toContain('welcome &lt;b>aboard&lt;/b>.');
    expect(page.text).toMatch(/May 6, 2090 at 12:00.PM UTC/);
    expect(page.text).toMatch(/in \d+ years/);
    expect(buttonsOf(page)).toEqual(['start']);
    expect(page.text).toContain('/flows/-/default/authentication/?next=%2Fif%2Fflow%2Finvitation-enrollment-flow%2F');
  });

  test('speaks the invitation’s language, else the browser’s', async () => {
    const headers = { 'accept-language': 'de' };
    const [plain, german] = [await invite(app), await inviteWith(app, { language: 'de-AT' })];
    expect(headingOf(await app.jar().get(link(plain)))).toBe('You are invited');
    expect(headingOf(await app.jar().get(link(plain), { headers }))).toBe('Sie sind eingeladen');
    expect(headingOf(await app.jar().get(link(german)))).toBe('Sie sind eingeladen');
    const english = await inviteWith(app, { language: 'en', expires: '2090-05-06T12:00:00Z' });
    const page = await app.jar().get(link(english), { headers });
    expect([headingOf(page), page.text.includes('<html lang="en"')]).toEqual(['You are invited', true]);
  });

  test('Markdown is shown as its elements, and what is dangerous in it as text or not at all (T23)', async () => {
    const message = [
      '# Hello',
      '**bold** [good](https://example.org/a?b=1&c=2) [bad](javascript:alert(1)) <img src=x onerror=alert(1)>',
      '![picture](https://evil.example/x.png) [data](data:text/html,x) [mail](mailto:a@example.org)',
      '- one\n- two',
    ].join('\n\n');
    const invited = await inviteWith(app, { message, message_format: 'markdown' });
    const { text } = await app.jar().get(link(invited));
    expect(text).toContain('<strong>bold</strong>');
    expect(text).toMatch(/<a href="https:\/\/example\.org\/a\?b=1&amp;c=2"[^>]*rel="noopener noreferrer nofollow"/);
    expect(text).toContain('href="mailto:a@example.org"');
    expect(text).toContain('<li>');
    expect(/<main[\s\S]*/.exec(text)?.[0]).not.toMatch(/href="(javascript|data):/);
    expect(text).not.toContain('<img');
    expect(text).toContain('&lt;img src=x');
  });

  test('a page without an invitation, and one of a flow that asks for none, is as before', async () => {
    const { slug } = await buildFlow(app, [await dummyStage(app, 'no-gate')]);
    const { query } = await invite(app);
    expect(formOf(await app.jar().get(pageOf(slug, query))).hidden['component']).toBe('ak-stage-dummy');
    const open = await buildFlow(app, [await invitationStage(app, true), await dummyStage(app, 'gate')]);
    expect(formOf(await app.jar().get(pageOf(open.slug))).hidden['component']).toBe('ak-stage-dummy');
    const dead = await invite(app);
    await expire(app, dead);
    expect(formOf(await app.jar().get(pageOf(open.slug, dead.query))).hidden['component']).toBe('ak-stage-dummy');
  });

  test('T04: looking costs nothing and changes nothing, by whatever scanner', async () => {
    const invited = await invite(app, { single_use: true });
    const before = await counts();
    const agents = [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 SafeLinks',
      'Mozilla/5.0 (compatible; BarracudaCentral)',
      'Mimecast-URL-Protection/1.0',
      'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
      'facebookexternalhit/1.1',
      'Mozilla/5.0 (compatible; Googlebot/2.1)',
      'GoogleImageProxy',
      'curl/8.0',
    ];
    for (const agent of agents) {
      for (const method of ['GET', 'HEAD']) {
        const extra: Record<string, string> = method === 'GET' ? { 'sec-purpose': 'prefetch' } : {};
        const headers = { 'user-agent': agent, ...extra };
        const answer = await app.jar().ask(method, link(invited), { headers });
        expect([answer.status, String(answer.headers['set-cookie'] ?? '')]).toEqual([
          200,
          expect.not.stringContaining('authentik_session'),
        ]);
      }
    }
    expect(await counts()).toEqual(before);
    const jar = app.jar();
    await finish(jar, await accept(jar, link(invited)), unique('after-scanners'));
    expect(await countUses(app, invited)).toBe(1);
  });

  test('the button begins the flow; an event and a counter tell of it once a day', async () => {
    const invited = await invite(app);
    const before = (await events(app, 'custom_')).length;
    for (let round = 0; round < 3; round += 1) {
      const jar = app.jar();
      const page = await accept(jar, link(invited));
      expect(formOf(page).names).toEqual(['username', 'password', 'password_repeat']);
    }
    const told = (await events(app, 'custom_')).slice(before);
    expect(told.map((context) => context['action'])).toEqual(['invitation_opened']);
    const rows = await app.ctx.db.query('select presses from invitation_opening where invitation = $1', [invited.pk]);
    expect(rows).toEqual([{ presses: 3 }]);
  });

  test('T16, D12: another site cannot press it, nor without the token for somebody signed in', async () => {
    const invited = await invite(app, { single_use: true });
    const jar = app.jar();
    const page = await jar.get(link(invited));
    const { action, hidden } = formOf(page);
    const headers = { origin: 'https://evil.example' };
    expect((await jar.form(action, { ...hidden, action: 'start' }, { headers })).status).toBe(403);
    const member = await signedIn();
    const own = await member.get(link(invited));
    const { csrf: _csrf, ...without } = formOf(own).hidden;
    expect((await member.form(action, { ...without, action: 'join' })).status).toBe(403);
    expect(await countUses(app, invited)).toBe(0);
  });

  test('a form of no page of ours is refused and changes nothing', async () => {
    const jar = app.jar();
    const answer = await jar.form(pageOf(ENROLLMENT), { welcome: 'nonsense', link: 'itoken=1', action: 'start' });
    expect(answer.status).toBe(400);
    expect((await jar.form(pageOf(ENROLLMENT), { welcome: 'invitation', action: 'start' })).status).toBe(400);
  });

  test('T08: the link survives a reload of the address that has lost it, and stays out of every address', async () => {
    const invited = await invite(app);
    const jar = app.jar();
    const first = await jar.get(`${link(invited)}&next=%2Ffoo`);
    expect(formOf(first).action).toBe(`${pageOf(ENROLLMENT)}?next=%2Ffoo`);
    expect(String(first.headers['set-cookie'])).not.toContain(invited.pk);
    expect(headingOf(await jar.get(pageOf(ENROLLMENT)))).toBe('You are invited');
    const pressed = await jar.ask('POST', formOf(first).action, {
      payload: new URLSearchParams({ ...formOf(first).hidden, action: 'start' }).toString(),
      type: 'application/x-www-form-urlencoded',
    });
    expect([pressed.status, pressed.headers['location']]).toEqual([303, `${pageOf(ENROLLMENT)}?next=%2Ffoo`]);
    expect(headingOf(await app.jar().get(pageOf(ENROLLMENT)))).toBe('This invitation cannot be used');
    expect(JSON.stringify(app.logged)).not.toContain(invited.pk);
  });

  test('A43: a broken or foreign cookie of a link is none', async () => {
    const jar = app.jar();
    for (const value of ['x', 'AAAA', 'e30', app.ctx.vault.seal('{}', 'session').toString('base64url')]) {
      const headers = { cookie: `vestibule_link=${value}` };
      expect(headingOf(await jar.get(pageOf(ENROLLMENT), { headers }))).toBe('This invitation cannot be used');
    }
  });
});

describe('until the account exists', () => {
  test('closed tab: the same link goes on where it was', async () => {
    const invited = await invite(app, { single_use: true });
    const jar = app.jar();
    await submit(jar, await accept(jar, link(invited)), typedCredentials(unique('closed')));
    expect(formOf(await jar.get(link(invited))).names).toEqual(['name', 'email']);
  });

  test('another device: the same link starts again, and the account is made there', async () => {
    const invited = await invite(app, { single_use: true });
    const [phone, desk, username] = [app.jar(), app.jar(), unique('device')];
    await submit(phone, await accept(phone, link(invited)), typedCredentials(username));
    await finish(desk, await accept(desk, link(invited)), username);
    expect(await findUser(app, username)).toBeDefined();
    const late = await phone.get(link(invited));
    expect(formOf(late).names).toEqual(['name', 'email']);
    const refused = await submit(phone, late, { name: 'Late', email: 'late@example.org' });
    expect(headingOf(refused)).toBe('This invitation cannot be used');
    expect(await countUses(app, invited)).toBe(1);
  });

  test('D17: another link in the same browser greets with its own page', async () => {
    const [one, two] = [await inviteWith(app, { message: 'one' }), await inviteWith(app, { message: 'number two' })];
    const jar = app.jar();
    await submit(jar, await accept(jar, link(one)), typedCredentials(unique('d17')));
    expect((await jar.get(link(two))).text).toContain('number two');
    // Looking at the second did not end the first.
    expect(formOf(await jar.get(pageOf(ENROLLMENT))).names).toEqual(['name', 'email']);
    expect(formOf(await accept(jar, link(two))).names).toEqual(['username', 'password', 'password_repeat']);
  });
});

describe('secret links', () => {
  const secret = 'a'.repeat(32);
  const withSecret = (extra = {}) => inviteWith(app, { secret_hash: linkSecretHash(app.ctx, secret), ...extra });

  test('T14: the bare id is invalid like any other, on the wire and on the page', async () => {
    const invited = await withSecret();
    const unknown = 'itoken=00000000-0000-4000-8000-000000000000';
    for (const query of [invited.query, `${invited.query}&secret=${secret.slice(1)}`, `${invited.query}&secret=`]) {
      const { body } = await app.jar().open(ENROLLMENT, query);
      expect(body).toMatchObject({ component: DENIED, error_message: NO_INVITATION });
      const pages = await Promise.all([query, unknown].map((one) => app.jar().get(pageOf(ENROLLMENT, one))));
      const [page, other] = pages.map(({ text }) => /<main[\s\S]*<\/main>/.exec(text)?.[0]);
      expect(page).toBe(other);
    }
  });

  test('with its secret it works, on the wire and on the page', async () => {
    const invited = await withSecret();
    const query = `${invited.query}&secret=${secret}`;
    expect((await app.jar().open(ENROLLMENT, query)).body.component).toBe('ak-stage-prompt');
    await enrol(app.jar(), { slug: ENROLLMENT, query }, unique('secret-wire'));
    const jar = app.jar();
    await finish(jar, await accept(jar, pageOf(ENROLLMENT, query)), unique('secret-page'));
    expect(await countUses(app, invited)).toBe(2);
    expect(JSON.stringify([app.logged, await events(app, 'invitation_used')])).not.toContain(secret);
  });

  test('T06: a new secret shuts the old link also for who is under way', async () => {
    const invited = await withSecret();
    const query = `${invited.query}&secret=${secret}`;
    const [jar, username] = [app.jar(), unique('rotated')];
    const second = await submit(jar, await accept(jar, pageOf(ENROLLMENT, query)), typedCredentials(username));
    await extend(app, invited, { secret_hash: linkSecretHash(app.ctx, 'b'.repeat(32)) });
    await submit(jar, second, { name: 'x', email: 'x@example.org' });
    expect(await findUser(app, username)).toBeUndefined();
  });
});

describe('codes', () => {
  const code = '4K7MQ-9XW2T';

  test('a code leads to the first page, however it is typed, and no address has it', async () => {
    const flow = (await app.api('GET', `/api/v3/flows/instances/${ENROLLMENT}/`)).body.pk;
    const code_hash = codeHash(app.ctx, code);
    const secret_hash = linkSecretHash(app.ctx, 'c'.repeat(32));
    const invited = await inviteWith(app, { code_hash, secret_hash, message: 'by code' }, { flow });
    const jar = app.jar();
    const asked = await jar.get('/i');
    expect([headingOf(asked), formOf(asked).names]).toEqual(['Enter your code', ['code']]);
    const payload = new URLSearchParams({ code: ' 4k7mq 9xw2t' }).toString();
    const type = 'application/x-www-form-urlencoded';
    const found = await jar.ask('POST', '/i', { payload, type });
    expect([found.status, found.headers['location']]).toEqual([303, pageOf(ENROLLMENT)]);
    const page = await jar.get(pageOf(ENROLLMENT));
    expect(page.text).toContain('by code');
    const username = unique('coded');
    await finish(jar, await press(jar, page, 'start'), username);
    expect(await findUser(app, username)).toBeDefined();
    expect(await countUses(app, invited)).toBe(1);
    expect(JSON.stringify(app.logged)).not.toMatch(/4K7MQ/i);
  });

  test('T07: wrong, used and expired codes look alike, and after some the network has to wait', async () => {
    const limited = await testApp();
    const used = await inviteWith(limited, { code_hash: codeHash(limited.ctx, 'AAAAA-AAAAA'), used_up: '2026-01-01' });
    const late = await inviteWith(limited, { code_hash: codeHash(limited.ctx, 'BBBBB-BBBBB') });
    const good = await inviteWith(limited, { code_hash: codeHash(limited.ctx, 'CCCCC-CCCCC') });
    expect([used, good].length).toBe(2);
    await expire(limited, late);
    const answers: Answer[] = [];
    for (const typed of ['AAAAA-AAAAA', 'BBBBB-BBBBB', 'DDDDD-DDDDD', '', '💥', 'x'.repeat(5000)]) {
      answers.push(await limited.jar().form('/i', { code: typed }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(answers[0]?.text).toContain('value="AAAAA-AAAAA"');
    const texts = answers.map(({ text }) =>
      /<main[\s\S]*<\/main>/.exec(text)?.[0].replace(/ value(="[^"]*")?(?=[ >/])/, ''),
    );
    expect(new Set(texts).size).toBe(1);
    for (let round = 0; round < 4; round += 1) await limited.jar().form('/i', { code: 'EEEEE-EEEEE' });
    const refused = await limited.jar().form('/i', { code: 'CCCCC-CCCCC' });
    expect([refused.status, headingOf(refused)]).toEqual([429, 'Too many attempts']);
    await limited.close();
  });

  test('T16: another site cannot try codes with a browser', async () => {
    const headers = { origin: 'https://evil.example' };
    expect((await app.jar().form('/i', { code: 'x' }, { headers })).status).toBe(403);
  });
});

describe('a link that is over', () => {
  const dead = {
    used: (invited: Invited) => extend(app, invited, { used_up: '2026-01-01T00:00:00Z' }),
    expired: (invited: Invited) => expire(app, invited),
    revoked: (invited: Invited) => extend(app, invited, { revoked: '2026-01-01T00:00:00Z' }),
  };
  const titles = {
    used: 'This invitation has been used',
    expired: 'This invitation has expired',
    revoked: 'This invitation was withdrawn',
  };

  test.each(['used', 'expired', 'revoked'] as const)('%s: says so, and tells the inviter once a day', async (kind) => {
    const invited = await invite(app);
    await dead[kind](invited);
    const jar = app.jar();
    const page = await jar.get(link(invited));
    expect([headingOf(page), buttonsOf(page)]).toEqual([titles[kind], ['ask']]);
    expect(page.text).not.toContain('admin@example.org');
    const before = (await events(app, 'custom_')).length;
    for (let round = 0; round < 2; round += 1) {
      expect(headingOf(await press(jar, page, 'ask'))).toBe('We have passed it on');
    }
    const told = (await events(app, 'custom_')).slice(before);
    expect(told).toMatchObject([
      {
        action: 'invitation_requested',
        invitation_uuid: invited.pk.replaceAll('-', ''),
        inviter: { pk: expect.any(Number) },
      },
    ]);
  });

  test('who presses the button of a page that is out of date is told the same', async () => {
    const invited = await invite(app);
    const jar = app.jar();
    const page = await jar.get(link(invited));
    await dead.revoked(invited);
    expect(headingOf(await press(jar, page, 'start'))).toBe(titles.revoked);
    expect((await sessionOf(app, jar)).uuid).toBeUndefined();
  });

  test('T07: on the wire all are told alike; asking about an unknown one looks like asking about one that was', async () => {
    const bodies = [];
    for (const kind of ['used', 'expired', 'revoked'] as const) {
      const invited = await invite(app);
      await dead[kind](invited);
      bodies.push(JSON.stringify((await app.jar().open(ENROLLMENT, invited.query)).body));
    }
    bodies.push(JSON.stringify((await app.jar().open(ENROLLMENT, `itoken=${crypto.randomUUID()}`)).body));
    expect(new Set(bodies).size).toBe(1);
    const form = { welcome: 'invitation', link: `itoken=${crypto.randomUUID()}`, action: 'ask' };
    expect(headingOf(await app.jar().form(pageOf(ENROLLMENT), form))).toBe('We have passed it on');
  });

  test('T25: while its inviter is inactive it looks like none', async () => {
    const { pk } = (
      await app.api('POST', '/api/v3/core/users/', { username: unique('gone'), name: 'Gone', is_active: false })
    ).body;
    const invited = await invite(app);
    await app.ctx.db.query('update invitation set created_by = $2 where invite_uuid = $1', [invited.pk, String(pk)]);
    expect(headingOf(await app.jar().get(link(invited)))).toBe('This invitation cannot be used');
    expect((await app.api('GET', `${INVITATIONS}${invited.pk}/`)).status).toBe(200);
  });
});

/** A browser that is signed in with a new account. */
async function signedIn(username = unique('member')): Promise<Jar> {
  const jar = app.jar();
  const { query } = await invite(app);
  await enrol(jar, { slug: ENROLLMENT, query }, username);
  return jar;
}
