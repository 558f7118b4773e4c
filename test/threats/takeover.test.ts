import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import {
  CREDENTIALS,
  DENIED,
  DETAILS,
  ENROLLMENT,
  PASSWORD,
  buildFlow,
  buildPromptStage,
  buildStage,
  create,
  credentials,
  enrol,
  findUser,
  giveDetails,
  invitationStage,
  invite,
  signIn,
  toDetails,
  unique,
} from '../flows/builders.ts';
import type { Body } from '../flows/builders.ts';
import { extend, inviteWith } from '../flows/extended.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});

const rowOf = (pk: unknown): Promise<Body[]> =>
  app.ctx.db.query<Body>(
    `select u.*, array(select group_uuid from group_members g where g.user_id = u.id) as groups,
       array(select role_uuid from user_roles r where r.user_id = u.id) as roles from users u where id = $1`,
    [Number(pk)],
  );

async function victim(email: string): Promise<{ pk: unknown; username: string }> {
  const username = unique('victim');
  const { query } = await invite(app);
  await enrol(app.jar(), { slug: ENROLLMENT, query }, username);
  const pk = (await findUser(app, username))?.['pk'];
  await app.api('PATCH', `/api/v3/core/users/${String(pk)}/`, { email });
  return { pk, username };
}

describe('T09: an account that is there', () => {
  test.each([
    ['in capitals', (name: string) => name.toUpperCase()],
    ['in full-width letters', (name: string) => name.replace(/v/, '\uff56')],
    ['with a Cyrillic letter', (name: string) => name.replace(/c/, '\u0441')],
    ['with a dot behind', (name: string) => `${name}.`],
    ['with a space behind', (name: string) => `${name} `],
    ['with a plus tag', (name: string) => `${name}+tag`],
    ['with an invisible letter', (name: string) => `${name}\u2060`],
  ])('is neither changed nor signed in to by who enrols under its name %s', async (_how, spell) => {
    const email = `${unique('address')}@example.org`;
    const { pk, username } = await victim(email);
    const group = await create(app, '/core/groups/', { name: unique('group') });
    const before = await rowOf(pk);
    const fixed_data = { username: spell(username), email: email.toUpperCase(), attributes: { taken: true } };
    const { query } = await inviteWith(app, { groups: [group] }, { fixed_data });
    const jar = app.jar();
    const arrival = { slug: ENROLLMENT, query };
    await toDetails(jar, arrival, spell(username));
    await giveDetails(jar, arrival, { email });
    const me = (await jar.get('/api/v3/core/users/me/')).body.user;
    expect(me?.pk).not.toBe(pk);
    expect(await rowOf(pk)).toEqual(before);
    // And its owner still gets in, under name and address.
    expect((await signIn(app.jar(), username, PASSWORD)).body.component).toBe('xak-flow-redirect');
  });

  test.each([
    ['as it is', (email: string) => email],
    ['in capitals', (email: string) => email.toUpperCase()],
    ['in full-width letters', (email: string) => email.replace(/^o/, '\uff4f')],
    ['with a full-width at sign', (email: string) => email.replace('@', '\uff20')],
  ])('E18: keeps its sign-in by address when somebody would take the address %s for a name', async (_how, spell) => {
    const email = `o${unique('wner')}@example.org`;
    await victim(email);
    const jar = app.jar();
    const { query } = await invite(app);
    const ended = await enrol(jar, { slug: ENROLLMENT, query }, spell(email));
    expect(ended.body.component).not.toBe('xak-flow-redirect');
    expect((await signIn(app.jar(), email, PASSWORD)).body.component).toBe('xak-flow-redirect');
  });

  test('is not signed in to by an enrollment that identifies it and asks for no password', async () => {
    const { username } = await victim(`${unique('identified')}@example.org`);
    const stages = [
      await invitationStage(app),
      await buildStage(app, '/stages/identification/', { user_fields: ['username'] }),
      await buildStage(app, '/stages/user_login/'),
    ];
    const { slug } = await buildFlow(app, stages);
    const { query } = await invite(app);
    const jar = app.jar();
    await jar.open(slug, query);
    const { body } = await jar.answer(slug, { uid_field: username }, query);
    expect(body.component).toBe(DENIED);
    expect((await jar.get('/api/v3/core/users/me/')).status).toBe(403);
  });
});

describe('what an invitation says', () => {
  test('T10: holds for a second form and a second write after the account was made', async () => {
    const stages = [
      await invitationStage(app),
      await buildPromptStage(app, CREDENTIALS),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
      await buildPromptStage(app, DETAILS),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'never_create' }),
    ];
    const { slug } = await buildFlow(app, stages);
    const fixed_data = { email: 'fixed@example.org' };
    const { query } = await inviteWith(app, { locked: true }, { fixed_data });
    const [jar, username] = [app.jar(), unique('twice')];
    await jar.open(slug, query);
    await jar.answer(slug, credentials(username), query);
    await giveDetails(jar, { slug, query }, { email: 'other@example.org', name: 'Mine' });
    expect(await findUser(app, username)).toMatchObject({ email: 'fixed@example.org', name: 'Mine' });
  });

  test('E08: restricts the address of a second write as well', async () => {
    const stages = [
      await invitationStage(app),
      await buildPromptStage(app, { ...CREDENTIALS, email: { type: 'email' } }),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
      await buildPromptStage(app, DETAILS),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'never_create' }),
    ];
    const { slug } = await buildFlow(app, stages);
    const { query } = await inviteWith(app, { restrict_to: ['@example.org'] });
    const [jar, username] = [app.jar(), unique('restricted')];
    await jar.open(slug, query);
    await jar.answer(slug, { ...credentials(username), email: 'a@example.org' }, query);
    await giveDetails(jar, { slug, query }, { email: 'other@example.com', name: 'Mine' });
    expect((await findUser(app, username))?.['email']).toBe('a@example.org');
  });

  test('T06: restricts the address of a second write as the invitation says by then', async () => {
    const stages = [
      await invitationStage(app),
      await buildPromptStage(app, { ...CREDENTIALS, email: { type: 'email' } }),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' }),
      await buildPromptStage(app, DETAILS),
      await buildStage(app, '/stages/user_write/', { user_creation_mode: 'never_create' }),
    ];
    const { slug } = await buildFlow(app, stages);
    const ends: unknown[] = [];
    const changes: readonly (readonly [string[], string[]])[] = [
      [['@example.org'], ['@example.org']],
      [['@example.org'], ['@example.com']],
      [['@example.org'], []],
      // Added after the account was made.
      [[], ['@example.org']],
      [[], ['@example.com']],
      [[], []],
    ];
    for (const [before, restrict_to] of changes) {
      const invited = await inviteWith(app, { restrict_to: before });
      const [jar, username] = [app.jar(), unique('edited')];
      await jar.open(slug, invited.query);
      await jar.answer(slug, { ...credentials(username), email: 'a@example.org' }, invited.query);
      await extend(app, invited, { restrict_to });
      await giveDetails(jar, { slug, query: invited.query }, { email: 'b@example.com', name: 'Mine' });
      ends.push((await findUser(app, username))?.['email']);
    }
    const kept = ['a@example.org', 'b@example.com', 'b@example.com'];
    expect(ends).toEqual([...kept, ...kept]);
  });
});
