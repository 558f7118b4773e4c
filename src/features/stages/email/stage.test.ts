import { describe, expect, test } from 'vitest';
import { mailApp, mailTo, mailsTo, PUBLIC_URL, settled } from '../../../../test/mail/mail-app.ts';
import type { Received } from '../../../../test/mail/smtp-sink.ts';
import { buildFlow, buildStage, dummyStage, unique } from '../../../../test/flows/builders.ts';
import type { BuiltFlow } from '../../../../test/flows/builders.ts';
import type { Jar } from '../../../../test/jar.ts';
import { deliverMail } from '../../../core/outbox/deliver.ts';
import { insertUser } from '../../../core/users/index.ts';

const app = await mailApp();
const { sink, ctx } = app;

type Person = { readonly id: number; readonly username: string; readonly email: string };

async function person(fields: { isActive?: boolean; locale?: string; name?: string } = {}): Promise<Person> {
  const username = unique('person');
  const email = `${username}@example.org`;
  const { id } = await insertUser(ctx.db, { username, email, name: 'Pat', ...fields });
  return { id, username, email };
}

type Built = BuiltFlow & { readonly stage: string };

async function recovery(stage: object = {}, identification: object = {}): Promise<Built> {
  const who = await buildStage(app, '/stages/identification/', {
    user_fields: ['username', 'email'],
    ...identification,
  });
  const email = await buildStage(app, '/stages/email/', { ...stage });
  const flow = await buildFlow(app, [who, email, await dummyStage(app)], { designation: 'recovery' });
  return { ...flow, stage: email };
}

const DUMMY = 'ak-stage-dummy';
const EMAIL = 'ak-stage-email';
const DENIED = 'ak-stage-access-denied';

/** Identifies in a new browser. */
async function begin(flow: Built, uid: string, query = ''): Promise<Jar> {
  const jar = app.jar();
  await jar.open(flow.slug, query);
  const { body } = await jar.answer(flow.slug, { uid_field: uid }, query);
  expect(body.component).toBe(EMAIL);
  return jar;
}

const urlOf = (mail: Received): URL => new URL(/https:\S+/.exec(mail.mail.text ?? '')?.[0] ?? '');
const queryOf = (mail: Received): string => urlOf(mail).search.slice(1);
const codeOf = (body: { response_errors?: { non_field_errors?: { code: string }[] } }) =>
  body.response_errors?.non_field_errors?.[0]?.code;

describe('the mail', () => {
  test('goes to the account’s address, once a plan, with a link of the public URL that keeps the query (D9, A12)', async () => {
    const flow = await recovery();
    const pat = await person();
    const jar = await begin(flow, pat.username, 'next=%2Fhere');
    const mail = await mailTo(app, pat.email);
    await jar.open(flow.slug, 'next=%2Fhere');
    await jar.open(flow.slug, 'next=%2Fhere');
    const url = urlOf(mail);
    expect(`${url.origin}${url.pathname}`).toBe(`${PUBLIC_URL}/if/flow/${flow.slug}/`);
    expect([...url.searchParams.keys()]).toEqual(['next', 'flow_token']);
    expect(mail.mail.subject).toBe('Reset your password at id.example.org');
    expect(mail.mail.text).toContain('in 30 minutes');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(mailsTo(app, pat.email)).toHaveLength(1);
  });

  test('is in the language of the account, with the subject and template of the stage', async () => {
    const flow = await recovery({ template: 'email/account_confirmation.html', subject: 'Hier entlang' });
    const pat = await person({ locale: 'de_AT' });
    await begin(flow, pat.username);
    const { mail } = await mailTo(app, pat.email);
    expect([mail.subject, mail.headers.get('content-language')]).toEqual(['Hier entlang', 'de']);
    expect(mail.text).toContain('bitte bestätigen Sie');
  });

  test('shows a name with markup and template syntax as what it is (T21)', async () => {
    const pat = await person({ name: '<b>Pat</b> {{ url }} {% assign x = 1 %}\r\nBcc: eve@example.org' });
    await begin(await recovery(), pat.username);
    const { mail, to, raw } = await mailTo(app, pat.email);
    expect(to).toEqual([pat.email]);
    expect(mail.html).toContain('&lt;b&gt;Pat&lt;/b&gt; {{ url }} {% assign x = 1 %} Bcc:');
    expect(mail.text).toContain('Hello <b>Pat</b> {{ url }} {% assign x = 1 %} Bcc: eve@example.org,');
    expect(raw).not.toMatch(/^bcc:/im);
  });

  test('is not written to somebody unknown, and nothing tells (A06, T24)', async () => {
    const flow = await recovery();
    const pat = await person();
    const known = await (await begin(flow, pat.username)).open(flow.slug);
    const unknown = await (await begin(flow, 'nobody-at-all')).open(flow.slug);
    const resent = await (await begin(flow, 'nobody-at-all')).answer(flow.slug, {});
    expect(unknown.body).toEqual(known.body);
    expect(codeOf(resent.body)).toBe('hint-email-sent');
    const before = sink.received.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sink.received.length).toBe(Math.max(before, sink.received.length));
    expect(mailsTo(app, 'nobody-at-all')).toEqual([]);
  });

  test('is not written to an inactive account that the stage does not activate', async () => {
    const pat = await person({ isActive: false });
    await begin(await recovery(), pat.username);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(mailsTo(app, pat.email)).toEqual([]);
  });

  test('is sent again by POST, but not more often than the stage allows', async () => {
    const flow = await recovery({ recovery_max_attempts: 3 });
    const pat = await person();
    const jar = await begin(flow, pat.username);
    for (let n = 0; n < 5; n += 1) {
      const { body } = await jar.answer(flow.slug, { component: EMAIL });
      expect([body.component, codeOf(body)]).toEqual([EMAIL, 'hint-email-sent']);
    }
    const [counted] = await ctx.db.query<{ count: number }>(
      'select count(*)::integer as count from outbox_recipient where address = $1',
      [pat.email],
    );
    expect(counted?.count).toBe(3);
  });
});

describe('the link', () => {
  test('opened by GET or HEAD, any number of times, by anybody, completes nothing (T04)', async () => {
    const flow = await recovery();
    const pat = await person();
    const jar = await begin(flow, pat.username);
    const query = queryOf(await mailTo(app, pat.email));
    for (let n = 0; n < 20; n += 1) {
      const scanner = app.jar();
      await scanner.ask('HEAD', `/if/flow/${flow.slug}/?${query}`);
      await scanner.get(`/if/flow/${flow.slug}/?${query}`, { headers: { 'user-agent': 'BarracudaCentral' } });
      const { body } = await scanner.open(flow.slug, query);
      expect([body.component, codeOf(body)]).toEqual([EMAIL, 'hint-confirm-address']);
    }
    expect((await jar.open(flow.slug, query)).body.component).toBe(EMAIL);
    expect((await jar.answer(flow.slug, { component: EMAIL }, query)).body.component).toBe(DUMMY);
  });

  test('pressing every button in a browser that did not begin completes nothing, and the person still gets on (T04, A11)', async () => {
    const flow = await recovery();
    const pat = await person();
    const jar = await begin(flow, pat.username);
    const query = queryOf(await mailTo(app, pat.email));
    const scanner = app.jar();
    await scanner.open(flow.slug, query);
    for (let n = 0; n < 10; n += 1) {
      const { body } = await scanner.answer(flow.slug, { component: EMAIL }, query);
      expect([body.component, codeOf(body)]).toEqual([EMAIL, 'hint-confirm-address']);
    }
    const opened = await jar.open(flow.slug, query);
    expect(codeOf(opened.body)).toBe('hint-confirm');
    expect((await jar.answer(flow.slug, {}, query)).body.component).toBe(DUMMY);
  });

  test('goes on in another browser for who types the address', async () => {
    const flow = await recovery();
    const pat = await person();
    await begin(flow, pat.username);
    const query = queryOf(await mailTo(app, pat.email));
    const phone = app.jar();
    await phone.open(flow.slug, query);
    const wrong = await phone.answer(flow.slug, { email: 'eve@example.org' }, query);
    expect(wrong.body.response_errors.email).toHaveLength(1);
    expect((await phone.answer(flow.slug, { email: ` ${pat.email.toUpperCase()} ` }, query)).body.component).toBe(
      DUMMY,
    );
  });

  test('is closed in a browser after five wrong addresses', async () => {
    const flow = await recovery();
    const pat = await person();
    await begin(flow, pat.username);
    const query = queryOf(await mailTo(app, pat.email));
    const phone = app.jar();
    await phone.open(flow.slug, query);
    const answers = [];
    for (let n = 0; n < 5; n += 1) answers.push(await phone.answer(flow.slug, { email: `eve${n}@example.org` }, query));
    expect(answers.map(({ body }) => body.component)).toEqual([EMAIL, EMAIL, EMAIL, EMAIL, DENIED]);
  });

  test('works once: of two browsers that finish one gets on (T19)', async () => {
    const flow = await recovery();
    const pat = await person();
    await begin(flow, pat.username);
    const query = queryOf(await mailTo(app, pat.email));
    const jars = [app.jar(), app.jar(), app.jar()];
    for (const jar of jars) await jar.open(flow.slug, query);
    const answers = await Promise.all(jars.map((jar) => jar.answer(flow.slug, { email: pat.email }, query)));
    expect(answers.map(({ body }) => body.component).toSorted()).toEqual([DENIED, DENIED, DUMMY]);
    expect((await app.jar().open(flow.slug, query)).body.component).toBe('ak-stage-identification');
  });

  test('of an older mail is dead when a newer one is written (T19)', async () => {
    const flow = await recovery();
    const pat = await person();
    const jar = await begin(flow, pat.username);
    const old = queryOf(await mailTo(app, pat.email));
    await jar.answer(flow.slug, {});
    const fresh = queryOf(await mailTo(app, pat.email, 2));
    expect((await app.jar().open(flow.slug, old)).body.component).toBe('ak-stage-identification');
    await jar.open(flow.slug, fresh);
    expect((await jar.answer(flow.slug, {}, fresh)).body.component).toBe(DUMMY);
  });

  test.each<[string, string]>([
    ['its address has changed', "update users set email = 'other@example.org' where id = $1"],
    ['the account was deactivated', 'update users set is_active = false where id = $1'],
    ['its time is over', "update flow_token set expires = now() - interval '1 second' where user_id = $1"],
    ['the account is gone', 'delete from users where id = $1'],
  ])('that was opened is worth nothing when %s before the button is pressed (T19)', async (_what, sql) => {
    const flow = await recovery();
    const pat = await person();
    const jar = await begin(flow, pat.username);
    const query = queryOf(await mailTo(app, pat.email));
    await jar.open(flow.slug, query);
    await ctx.db.query(sql, [pat.id]);
    expect((await jar.answer(flow.slug, {}, query)).body.component).toBe(DENIED);
  });

  test('is for its flow only, and its plan for its user only (A05)', async () => {
    const [flow, other] = [await recovery(), await recovery()];
    const [pat, eve] = [await person(), await person()];
    await begin(flow, pat.username);
    const query = queryOf(await mailTo(app, pat.email));
    expect((await app.jar().open(other.slug, query)).body.component).toBe('ak-stage-identification');
    const jar = await begin(flow, eve.username);
    await jar.open(flow.slug, query);
    expect((await jar.answer(flow.slug, { email: eve.email }, query)).body.response_errors.email).toHaveLength(1);
  });

  test('is not needed to be guessed at: nothing but the opened link passes the stage (A11)', async () => {
    const flow = await recovery();
    const pat = await person();
    const jar = await begin(flow, pat.username);
    for (const reply of [
      {},
      { email: pat.email },
      { component: EMAIL, flow_token: 'x' },
      { email_link: {}, is_restored: true },
    ]) {
      expect((await jar.answer(flow.slug, reply)).body.component).toBe(EMAIL);
    }
    for (const query of ['flow_token=', 'flow_token=x', 'is_restored=true']) {
      expect((await app.jar().open(flow.slug, query)).body.component).toBe('ak-stage-identification');
    }
  });

  test('has its time counted from when the mail leaves', async () => {
    const flow = await recovery({ token_expiry: 'minutes=2' });
    const pat = await person();
    sink.behaviour.refuse = (address) => (address === pat.email ? { code: 450, text: 'later' } : undefined);
    await begin(flow, pat.username);
    const end = performance.now() + 10_000;
    const look = () =>
      ctx.db.query<{ object: string; state: string }>(
        `select m.object, r.state from outbox_message m join outbox_recipient r on r.message = m.message_uuid where r.address = $1`,
        [pat.email],
      );
    while ((await look())[0]?.state !== 'deferred' && performance.now() < end)
      await new Promise((go) => setTimeout(go, 20));
    delete sink.behaviour.refuse;
    // Five minutes later, longer than the link lives.
    await ctx.db.query("update flow_token set expires = now() - interval '3 minutes' where user_id = $1", [pat.id]);
    const object = (await look())[0]?.object ?? '';
    await ctx.db.query('update outbox_message set due = now() where object = $1', [object]);
    const [message] = await ctx.db.query<{ id: string }>(
      'select message_uuid as id from outbox_message where object = $1',
      [object],
    );
    await deliverMail.run(ctx, { message: message?.id ?? '' });
    await settled(app, object, ['sent']);
    const query = queryOf(await mailTo(app, pat.email));
    expect(codeOf((await app.jar().open(flow.slug, query)).body)).toBe('hint-confirm-address');
  });
});

test('the user is activated when the link is used, and not before', async () => {
  const flow = await recovery({ activate_user_on_success: true });
  const pat = await person({ isActive: false });
  const jar = await begin(flow, pat.username);
  const query = queryOf(await mailTo(app, pat.email));
  const isActive = async () =>
    (await ctx.db.query<{ is_active: boolean }>('select is_active from users where id = $1', [pat.id]))[0]?.is_active;
  await jar.open(flow.slug, query);
  expect(await isActive()).toBe(false);
  expect((await jar.answer(flow.slug, {}, query)).body.component).toBe(DUMMY);
  expect(await isActive()).toBe(true);
});

test('without anybody in the plan the stage denies', async () => {
  const stage = await buildStage(app, '/stages/email/', {});
  const flow = await buildFlow(app, [stage]);
  expect((await app.jar().open(flow.slug)).body.component).toBe(DENIED);
});

test('the page shows the way without JavaScript, in German too', async () => {
  const flow = await recovery();
  const pat = await person();
  const jar = app.jar();
  const page = `/if/flow/${flow.slug}/`;
  const headers = { 'accept-language': 'de' };
  await jar.get(page, { headers });
  await jar.form(page, { component: 'ak-stage-identification', uid_field: pat.username });
  expect((await jar.get(page, { headers })).text).toContain('Bitte sehen Sie in Ihr Postfach');
  const query = queryOf(await mailTo(app, pat.email));
  const opened = await jar.get(`${page}?${query}`, { headers });
  expect(opened.text).toContain('Sie haben den Link aus unserer E-Mail geöffnet');
  expect(opened.text).not.toContain('Fehler');
  const phone = app.jar();
  const asked = await phone.get(`${page}?${query}`);
  expect(asked.text).toContain('name="email"');
  const wrong = await phone.form(page, { component: EMAIL, email: 'eve@example.org' });
  expect(wrong.text).toContain('This is not the address that the mail was sent to.');
  expect((await phone.form(page, { component: EMAIL, email: pat.email })).text).toContain('dummy');
});

test('a stage with a server of its own uses it, and shows its password to nobody', async () => {
  const flow = await recovery({
    use_global_settings: false,
    host: '127.0.0.1',
    port: sink.port,
    from_address: 'stage@example.org',
    password: 'hunter22-hunter22',
  });
  const pat = await person();
  await begin(flow, pat.username);
  expect((await mailTo(app, pat.email)).from).toBe('stage@example.org');
  const shown = await app.api('GET', `/api/v3/stages/email/${flow.stage}/`);
  expect(shown.text).not.toMatch(/hunter22|"password/);
  const [row] = await ctx.db.query<{ text: string }>(
    `select (select string_agg(row_to_json(e)::text, '') from event e) || (select string_agg(row_to_json(s)::text, '') from email_stage s) as text`,
  );
  expect(row?.text).not.toContain('hunter22');
});
