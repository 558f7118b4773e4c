import { describe, expect, test } from 'vitest';
import { insertUser } from '../../src/core/users/index.ts';
import { countQueries } from '../../src/kernel/db/query-count.ts';
import {
  CREDENTIALS,
  DENIED,
  PASSWORD,
  buildFlow,
  buildPromptStage,
  buildStage,
  credentials,
  findUser,
  signIn,
  unique,
} from '../flows/builders.ts';
import type { Answer } from '../jar.ts';
import { PUBLIC_URL, mailApp, mailsTo, startAgain } from '../mail/mail-app.ts';
import type { Received } from '../mail/smtp-sink.ts';

const app = await mailApp();
await startAgain(app);
const { ctx } = app;

const CAUSE = 'known_address';

async function owner(
  fields: { locale?: string; isActive?: boolean } = {},
): Promise<{ username: string; email: string }> {
  const username = unique('owner');
  const email = `${username}@example.org`;
  const passwordHash = await ctx.passwords.hash(PASSWORD);
  await insertUser(ctx.db, { username, email, name: 'Olga', passwordHash, ...fields });
  return { username, email };
}

async function flow(): Promise<string> {
  const fields = { ...CREDENTIALS, name: {}, email: { type: 'email' } };
  const stages = [
    await buildPromptStage(app, fields),
    await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
    await buildStage(app, '/stages/user_login/'),
  ];
  return (await buildFlow(app, stages)).slug;
}

async function enrol(slug: string, email: string, name = 'Eve'): Promise<Answer> {
  const jar = app.jar();
  await jar.open(slug);
  return jar.answer(slug, { ...credentials(unique('other')), email, name });
}

/** Waits until nothing is left to be done for what was asked so far. */
async function idle(): Promise<void> {
  const jobs = 'select 1 from graphile_worker.jobs where task_identifier = $1';
  await expect.poll(() => ctx.db.query(jobs, ['user_write.known-address']), { timeout: 20_000 }).toEqual([]);
}

const queued = async (address: string): Promise<number> =>
  (
    await ctx.db.query(
      'select 1 from outbox_message m join outbox_recipient r on r.message = m.message_uuid where m.cause = $1 and r.address = $2',
      [CAUSE, address],
    )
  ).length;

test('T24: the owner of an address that somebody else gives is told, with the ways in and nothing that was typed', async () => {
  const [slug, { username, email }] = [await flow(), await owner()];
  const before = (await findUser(app, username)) ?? {};
  await enrol(slug, email.toUpperCase(), '<b>Eve</b> http://evil.example/');
  await expect.poll(() => mailsTo(app, email).length, { timeout: 20_000 }).toBe(1);
  const [{ mail, raw }] = mailsTo(app, email) as [Received];
  expect(mail.subject).toBe('You already have an account at id.example.org');
  expect(mail.text).toContain(`${PUBLIC_URL}/if/flow/default-recovery-flow/`);
  const links = `${mail.text ?? ''} ${String(mail.html)}`.match(/https?:\/\/[^\s"<>]+/g) ?? [];
  expect(links.filter((link) => !link.startsWith(PUBLIC_URL))).toEqual([]);
  expect(raw).not.toMatch(/evil|Eve|other-/);
  expect(await findUser(app, username)).toEqual(before);
  expect((await signIn(app.jar(), username, PASSWORD)).body.component).toBe('xak-flow-redirect');
});

test('T24: in the owner’s language', async () => {
  const [slug, { email }] = [await flow(), await owner({ locale: 'de' })];
  await enrol(slug, email);
  await expect.poll(() => mailsTo(app, email).length, { timeout: 20_000 }).toBe(1);
  expect(mailsTo(app, email)[0]?.mail.subject).toBe('Sie haben schon ein Konto bei id.example.org');
});

test('T24: once a day for an address, however often and at once it is given', async () => {
  const [slug, { email }] = [await flow(), await owner()];
  await Promise.all(Array.from({ length: 8 }, () => enrol(slug, email)));
  await idle();
  expect(await queued(email)).toBe(1);
  const back = "update outbox_message set created = now() - interval '25 hours' where cause = $1";
  await ctx.db.query(back, [CAUSE]);
  await enrol(slug, email);
  await idle();
  expect(await queued(email)).toBe(2);
});

test('T24: who gives the address is answered as for a free one, and the same is written while they wait', async () => {
  const [slug, { email }] = [await flow(), await owner()];
  const taken = await enrol(slug, email);
  const free = await enrol(slug, `${unique('free')}@example.org`);
  expect([taken.status, taken.text]).toEqual([free.status, free.text]);
  const work = async (address: string) => (await countQueries(() => enrol(slug, address))).queries;
  expect(await work(email)).toEqual(await work(`${unique('free')}@example.org`));
  await idle();
  const addresses = await ctx.db.query("select 1 from outbox_recipient where address like 'free-%'");
  expect(addresses).toEqual([]);
});

test('T24: whoever changes their own address to a taken one is answered alike, and its owner is told', async () => {
  const { username, email } = await owner();
  const stages = [
    await buildPromptStage(app, { email: { type: 'email' } }),
    await buildStage(app, '/stages/user_write/', { user_creation_mode: 'never_create' }),
  ];
  const { slug } = await buildFlow(app, stages, { designation: 'stage_configuration' });
  const other = await owner();
  const jar = app.jar();
  await signIn(jar, other.username, PASSWORD);
  await jar.open(slug);
  expect((await jar.answer(slug, { email })).body.component).toBe('xak-flow-redirect');
  await idle();
  expect(await queued(email)).toBe(1);
  // The same address again is no change.
  await jar.open(slug);
  await jar.answer(slug, { email });
  await idle();
  expect(await queued(other.email)).toBe(0);
  expect((await signIn(app.jar(), username, PASSWORD)).body.component).toBe('xak-flow-redirect');
});

test('T24: nobody is told of an address whose account is not active', async () => {
  const [slug, { email }] = [await flow(), await owner({ isActive: false })];
  await enrol(slug, email);
  await idle();
  expect(await queued(email)).toBe(0);
});

/** A flow whose form asks for a name; it knows names that are taken, or takes any text for one. */
async function namingFlow(type = 'username'): Promise<string> {
  const fields = { ...CREDENTIALS, username: { type }, name: {} };
  const stages = [
    await buildPromptStage(app, fields),
    await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
  ];
  return (await buildFlow(app, stages)).slug;
}

async function enrolAs(slug: string, username: string): Promise<Answer> {
  const jar = app.jar();
  await jar.open(slug);
  return jar.answer(slug, { ...credentials(username), name: 'Eve' });
}

const named = async (username: string, { type = 'username' } = {}): Promise<Answer> =>
  enrolAs(await namingFlow(type), username);

describe('T24: an address that is typed as a username', () => {
  test.each([
    ['an address of another account', 'username', (email: string) => email],
    ['one in other letters', 'username', (email: string) => email.toUpperCase()],
    ['one in letters that look alike', 'text', (email: string) => email.replace('o', '\uFF4F')],
  ])('is refused, and its owner is told (%s)', async (_what, type, spell) => {
    const { username, email } = await owner();
    const before = await findUser(app, username);
    expect((await named(spell(email), { type })).body.component).toBe(DENIED);
    await expect.poll(() => mailsTo(app, email).length, { timeout: 20_000 }).toBe(1);
    expect(mailsTo(app, email)[0]?.mail.subject).toBe('You already have an account at id.example.org');
    expect(await findUser(app, username)).toEqual(before);
  });

  test('is told to the owner also where it is the name of their account, once a day, however often it is tried', async () => {
    const email = `${unique('same')}@example.org`;
    await insertUser(ctx.db, { username: email, email, name: 'Olga' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => named(email)));
    for (const { body } of answers)
      expect(body.response_errors).toEqual({ username: [{ string: 'Username is already taken.', code: 'invalid' }] });
    await idle();
    expect(await queued(email)).toBe(1);
  });

  test('is answered as a name that somebody has, with the same work done, whoever owns the address or nobody', async () => {
    const { email } = await owner();
    const [taken, nobodys] = [`${unique('name')}@example.org`, `${unique('name')}@example.org`];
    await insertUser(ctx.db, { username: taken, email: taken });
    await insertUser(ctx.db, { username: nobodys, email: `${unique('else')}@example.org` });
    const slug = await namingFlow();
    const work = async (name: string) => {
      const { result, queries } = await countQueries(() => enrolAs(slug, name));
      const { flow_info: _flow, ...body } = result.body;
      return { status: result.status, body: JSON.stringify(body).replaceAll(name, 'NAME'), queries };
    };
    // What the first of a flow does for all who follow.
    await work(`${unique('first')}@example.org`);
    expect(await work(taken)).toEqual(await work(nobodys));
    // Where the form does not know, the name and the address of another account are one.
    const asText = async (name: string) => (await named(name, { type: 'text' })).text.replace(/"slug":"[^"]*"/, '');
    expect((await asText(email)).replaceAll(/[a-z]+-[a-z0-9]+/g, '')).toEqual(
      (await asText(taken)).replaceAll(/[a-z]+-[a-z0-9]+/g, ''),
    );
    await idle();
    const held = await ctx.db.query("select 1 from outbox_recipient where address like 'else-%' or address = $1", [
      nobodys,
    ]);
    expect(held).toEqual([]);
  });

  test('tells nobody whose account is not active', async () => {
    const { email } = await owner({ isActive: false });
    expect((await named(email)).body.component).toBe(DENIED);
    await idle();
    expect(await queued(email)).toBe(0);
  });
});
