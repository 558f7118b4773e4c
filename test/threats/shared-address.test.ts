import { describe, expect, test } from 'vitest';
import { insertUser } from '../../src/core/users/index.ts';
import { countQueries } from '../../src/kernel/db/query-count.ts';
import { ENROLLMENT, PASSWORD, buildFlow, buildStage, credentials, invite, signIn, unique } from '../flows/builders.ts';
import type { Jar } from '../jar.ts';
import { mailApp, mailTo, startAgain } from '../mail/mail-app.ts';

const app = await mailApp();
await startAgain(app);
const { ctx } = app;

const OWN = 'quite another password';
const IN = 'xak-flow-redirect';

type Person = { readonly id: number; readonly username: string; readonly email: string };

/** Somebody with an account and a password of their own. */
async function owner(fields: { isActive?: boolean } = {}): Promise<Person> {
  const username = unique('owner');
  const email = `${username}@example.org`;
  const { id } = await insertUser(ctx.db, { username, email, passwordHash: await ctx.passwords.hash(OWN), ...fields });
  return { id, username, email };
}

/** Enrolls by the flow that comes with the product. Out: the account's name; its password is another. */
async function enrolWith(email: string): Promise<string> {
  const flow = (await app.api('GET', `/api/v3/flows/instances/${ENROLLMENT}/`)).body.pk;
  const { query } = await invite(app, { flow, single_use: true });
  const [jar, username] = [app.jar(), unique('newcomer')];
  let answer = await jar.open(ENROLLMENT, query);
  const known: Record<string, unknown> = { ...credentials(username), name: 'Eve', email };
  for (let page = 0; page < 3 && answer.body.component !== IN; page += 1) {
    const keys: string[] = answer.body.fields.map(({ field_key: key }: { field_key: string }) => key);
    answer = await jar.answer(ENROLLMENT, Object.fromEntries(keys.map((key) => [key, known[key]])), query);
  }
  expect(answer.body.component).toBe(IN);
  return username;
}

const whoIs = async (name: string, password: string): Promise<string | undefined> => {
  const jar = app.jar();
  if ((await signIn(jar, name, password)).body.component !== IN) return undefined;
  return (await jar.get('/api/v3/core/users/me/')).body.user.username;
};

describe('T24: an address that a newer account has as well', () => {
  test('signs in its owner, and the newer account by its name only', async () => {
    const { username, email } = await owner();
    const newcomer = await enrolWith(email.toUpperCase());
    expect([await whoIs(email, OWN), await whoIs(username, OWN)]).toEqual([username, username]);
    expect([await whoIs(email, PASSWORD), await whoIs(newcomer, PASSWORD)]).toEqual([undefined, newcomer]);
  });

  test('answers the newer account’s password as it answers any wrong one, after as many statements', async () => {
    const [shared, alone, nobody] = [await owner(), await owner(), { email: `${unique('nobody')}@example.org` }];
    await enrolWith(shared.email);
    const tried = async ({ email }: Pick<Person, 'email'>): Promise<{ said: unknown; queries: number }> => {
      const counts: number[] = [];
      let said: unknown;
      // What is kept for a moment is asked for anew by some.
      for (let n = 0; n < 3; n += 1) {
        const { result, queries } = await countQueries(() => signIn(app.jar(), email, PASSWORD));
        // Drawn of what was typed.
        const { pending_user_avatar: _drawn, ...body } = result.body;
        said = [result.status, JSON.stringify(body).replaceAll(email, 'TYPED')];
        counts.push(queries);
      }
      return { said, queries: Math.min(...counts) };
    };
    const [one, other, none] = [await tried(shared), await tried(alone), await tried(nobody)];
    expect(one).toEqual(other);
    expect(one.said).toEqual(none.said);
  });

  test('recovers the owner’s account', async () => {
    const { username, email } = await owner();
    await enrolWith(email);
    const jar = app.jar();
    await jar.open('default-recovery-flow');
    await jar.answer('default-recovery-flow', { uid_field: email });
    const sent = await ctx.db.query(
      `select 1 from flow_token t where t.user_id = (select id from users where username = $1)`,
      [username],
    );
    expect(sent).toHaveLength(1);
  });

  test('stays its owner’s when an account that is older is given it', async () => {
    const [older, { username, email }] = [await owner(), await owner()];
    await app.api('PATCH', `/api/v3/core/users/${older.id}/`, { email });
    expect([await whoIs(email, OWN), await whoIs(older.username, OWN)]).toEqual([username, older.username]);
    // What is only written otherwise is no new address.
    await app.api('PATCH', `/api/v3/core/users/${older.id}/`, { email: older.email });
    await app.api('PATCH', `/api/v3/core/users/${older.id}/`, { email: older.email.toUpperCase() });
    expect(await whoIs(older.email, OWN)).toBe(older.username);
  });
});

const EMAIL = 'ak-stage-email';

/** A flow that mails whoever says a name, and is over when the link is opened. */
async function provingFlow(): Promise<string> {
  const stages = [
    await buildStage(app, '/stages/identification/', { user_fields: ['username'] }),
    await buildStage(app, '/stages/email/'),
  ];
  return (await buildFlow(app, stages, { designation: 'recovery' })).slug;
}

async function prove(slug: string, { username, email }: Pick<Person, 'username' | 'email'>): Promise<void> {
  const jar: Jar = app.jar();
  await jar.open(slug);
  expect((await jar.answer(slug, { uid_field: username })).body.component).toBe(EMAIL);
  const { mail } = await mailTo(app, email);
  const query = new URL(/https:\S+/.exec(mail.text ?? '')?.[0] ?? '').search.slice(1);
  await jar.open(slug, query);
  expect((await jar.answer(slug, {}, query)).body.component).toBe(IN);
}

describe('T24: an address that was proved by mail', () => {
  test('signs in who proved it, before who has it longer and did not', async () => {
    const [slug, squatter] = [await provingFlow(), await owner()];
    const { email } = squatter;
    const username = await enrolWith(email);
    expect(await whoIs(email, PASSWORD)).toBeUndefined();
    await prove(slug, { username, email });
    expect([await whoIs(email, PASSWORD), await whoIs(email, OWN)]).toEqual([username, undefined]);
    expect(await whoIs(squatter.username, OWN)).toBe(squatter.username);
  });

  test('is proved no more when it is another', async () => {
    const [slug, first, second] = [await provingFlow(), await owner(), await owner()];
    await prove(slug, second);
    await app.api('PATCH', `/api/v3/core/users/${second.id}/`, { email: first.email });
    expect(await whoIs(first.email, OWN)).toBe(first.username);
  });
});
