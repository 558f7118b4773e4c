import { beforeAll, describe, expect, test } from 'vitest';
import { Denial, commitStep } from '../../src/core/flows/index.ts';
import type { CommitStep } from '../../src/core/flows/index.ts';
import { testApp } from '../app.ts';
import type { TestApp } from '../app.ts';
import type { Answer, Jar } from '../jar.ts';
import {
  CREDENTIALS,
  DENIED,
  INVITATIONS,
  NO_INVITATION,
  buildFlow,
  buildPromptStage,
  buildStage,
  countUses,
  create,
  credentials,
  edit,
  enrol,
  enrollmentFlow,
  expire,
  findUser,
  giveDetails,
  invitationRow,
  invitationStage,
  invite,
  probeStages,
  toDetails,
  unique,
} from './builders.ts';
import type { Body, BuiltFlow, Invited } from './builders.ts';

const failure: { current: Error | undefined } = { current: undefined };
/** Runs after the user's row is written, in its transaction. */
const breaking: CommitStep = {
  name: 'breaking',
  async commit() {
    return async () => {
      if (failure.current) throw failure.current;
    };
  },
};
const probes = probeStages();
let app: TestApp;
beforeAll(async () => {
  app = await testApp({ provides: [probes.contribution, commitStep(breaking)] });
});

const DONE = { component: 'xak-flow-redirect', to: '/' };
const REFUSED = { component: DENIED, error_message: NO_INVITATION };

/** How much there is of what an enrollment makes. */
async function counts(): Promise<unknown> {
  const [row] = await app.ctx.db.query(
    `select (select count(*) from users) as users, (select count(*) from group_members) as members,
      (select count(*) from invitation_use) as uses, (select count(*) from event) as events,
      (select count(*) from invitation where used_up is not null) as used`,
  );
  return row;
}

/** Somebody who stands before the last form with a new invitation. */
async function standing(invitation: Body = {}, flow?: BuiltFlow) {
  const built = flow ?? (await enrollmentFlow(app));
  const invited = await invite(app, { flow: built.pk, single_use: true, ...invitation });
  const jar = app.jar();
  const arrival = { slug: built.slug, query: invited.query };
  const username = unique('person');
  await toDetails(jar, arrival, username);
  return { flow: built, invited, jar, arrival, username };
}

describe('uses', () => {
  test('(55) an invitation for many is used to the end by two, and two events tell', async () => {
    const { slug } = await enrollmentFlow(app);
    const invited = await invite(app, { fixed_data: {} });
    const before = await invitationRow(app, invited);
    for (const username of [unique('many'), unique('many')]) {
      expect((await enrol(app.jar(), { slug, query: invited.query }, username)).body).toEqual(DONE);
      expect(await findUser(app, username)).toBeDefined();
    }
    expect(await countUses(app, invited)).toBe(2);
    expect(await invitationRow(app, invited)).toEqual(before);
  });

  test('(56), D4: of two sessions with one single-use link the first to finish gets the account', async () => {
    const { slug } = await enrollmentFlow(app);
    const invited = await invite(app, { single_use: true });
    const arrival = { slug, query: invited.query };
    const [first, second] = [app.jar(), app.jar()];
    for (const jar of [first, second])
      expect((await jar.open(slug, arrival.query)).body.component).toBe('ak-stage-prompt');
    expect((await app.api('GET', `${INVITATIONS}${invited.pk}/`)).status).toBe(200);
    expect((await enrol(first, arrival, 'the-first')).body).toEqual(DONE);
    expect((await app.api('GET', `${INVITATIONS}${invited.pk}/`)).status).toBe(404);
    expect((await app.api('GET', `${INVITATIONS}?name=${invited.pk}`)).body.results).toEqual([]);
    expect((await enrol(second, arrival, 'the-second')).body).toMatchObject(REFUSED);
    expect(await findUser(app, 'the-second')).toBeUndefined();
    expect((await app.jar().open(slug, arrival.query)).body).toMatchObject(REFUSED);
  });

  test('(78), T02: of twelve who finish at once one gets the account, and the others leave nothing', async () => {
    const { slug } = await enrollmentFlow(app);
    const invited = await invite(app, { single_use: true });
    const arrival = { slug, query: invited.query };
    const people: { jar: Jar; username: string }[] = [];
    for (let index = 0; index < 12; index += 1) {
      const person = { jar: app.jar(), username: unique('racer') };
      await toDetails(person.jar, arrival, person.username);
      people.push(person);
    }
    const answers = await Promise.all(people.map(({ jar }) => giveDetails(jar, arrival)));
    expect(answers.filter(({ body }) => body.component === 'xak-flow-redirect')).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error_message === NO_INVITATION)).toHaveLength(11);
    const users = await Promise.all(people.map(({ username }) => findUser(app, username)));
    expect(users.filter((user) => user !== undefined)).toHaveLength(1);
    expect(await countUses(app, invited)).toBe(1);
  });

  test('one session that sends the last form twice at once makes one account', async () => {
    const { jar, arrival, invited, username } = await standing({ single_use: false });
    const answers = await Promise.all([giveDetails(jar, arrival), giveDetails(jar, arrival)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await findUser(app, username)).toBeDefined();
    expect(await countUses(app, invited)).toBe(1);
  });
});

type Change = (app: TestApp, invited: Invited, flow: BuiltFlow) => Promise<unknown>;
const CHANGES: readonly (readonly [string, Change])[] = [
  ['D3, T05: expires', (_, invited) => expire(app, invited)],
  ['T05: is edited to an expiry in the past', (_, invited) => edit(app, invited, { expires: '2020-01-01T00:00:00Z' })],
  ['T06: is deleted', (_, { pk }) => app.api('DELETE', `${INVITATIONS}${pk}/`)],
  ['T01: gets another flow', async (_, invited) => edit(app, invited, { flow: (await enrollmentFlow(app)).pk })],
  [
    'D18, T25: loses its creator, who is deactivated',
    async (_, { pk }) => {
      await app.ctx.db.query(
        `with inviter as (insert into users (username, name, is_active) values ($2, '', false) returning id)
         update invitation set created_by = inviter.id from inviter where invite_uuid = $1`,
        [pk, unique('gone')],
      );
    },
  ],
];

describe('(79), D5: an invitation that, between opening and commit,', () => {
  /** Changes something before the last form is sent; answers what came, when nothing was made of it. */
  async function finishAfter(change: Change): Promise<Answer> {
    const { flow, invited, jar, arrival, username } = await standing();
    await change(app, invited, flow);
    const before = await counts();
    const answer = await giveDetails(jar, arrival);
    expect(await counts()).toEqual(before);
    expect(await findUser(app, username)).toBeUndefined();
    expect((await jar.get('/api/v3/core/users/me/')).status).toBe(403);
    return answer;
  }

  test.each(CHANGES)('%s makes no account', async (_name, change) => {
    expect((await finishAfter(change)).body).toMatchObject(REFUSED);
  });

  test('D6: loses its flow, which is deleted, makes no account and is gone', async () => {
    const gone: string[] = [];
    const answer = await finishAfter(async (_, { pk }, { slug }) => {
      gone.push(pk);
      await app.api('DELETE', `/api/v3/flows/instances/${slug}/`);
    });
    expect(answer.status).toBe(404);
    const { slug } = await enrollmentFlow(app);
    expect((await app.jar().open(slug, `itoken=${gone[0]}`)).body).toMatchObject(REFUSED);
  });

  test('is denied also where the flow goes on without one, because its data is in the plan', async () => {
    const flow = await enrollmentFlow(app, { open: true });
    const { invited, jar, arrival, username } = await standing({}, flow);
    await expire(app, invited);
    expect((await giveDetails(jar, arrival)).body).toMatchObject(REFUSED);
    expect(await findUser(app, username)).toBeUndefined();
  });

  test('T06: turns from single to multi use stays usable', async () => {
    const { invited, jar, arrival } = await standing();
    await edit(app, invited, { single_use: false });
    expect((await giveDetails(jar, arrival)).body).toEqual(DONE);
    expect((await app.api('GET', `${INVITATIONS}${invited.pk}/`)).status).toBe(200);
  });

  test('T06: gets other data gives the new values, also for those already shown', async () => {
    const fixed_data = { email: 'old@example.com', attributes: { team: 'old', gone: true } };
    const { invited, jar, arrival, username } = await standing({ fixed_data });
    await edit(app, invited, { fixed_data: { email: 'new@example.com', attributes: { team: 'new' } } });
    await giveDetails(jar, arrival, { email: 'old@example.com' });
    expect(await findUser(app, username)).toMatchObject({ email: 'new@example.com', attributes: { team: 'new' } });
  });

  test('T06, D7: gets other data leaves alone what the person wrote', async () => {
    const { invited, jar, arrival, username } = await standing({ fixed_data: { email: 'old@example.com' } });
    await edit(app, invited, { fixed_data: { email: 'new@example.com', name: 'Ignored' } });
    await giveDetails(jar, arrival, { email: 'mine@example.com', name: 'Mine' });
    expect(await findUser(app, username)).toMatchObject({ email: 'mine@example.com', name: 'Mine' });
  });

  test('T12: gets a prototype key in its data pollutes nothing', async () => {
    const { invited, jar, arrival } = await standing({ single_use: false });
    const text = `update invitation set fixed_data = '{"__proto__": {"polluted": 1}, "attributes": {"a": 1}}' where invite_uuid = $1`;
    await app.ctx.db.query(text, [invited.pk]);
    await giveDetails(jar, arrival);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('(80), T03: a commit that fails after the user row is written', () => {
  async function broken(group: string) {
    const leave = await probes.build(app, ({ plan }) => plan.leaveCommit({ name: 'breaking', data: {} }));
    const form = await buildPromptStage(app, CREDENTIALS);
    const write = await buildStage(app, '/stages/user_write/', {
      user_creation_mode: 'always_create',
      create_users_group: group,
    });
    return buildFlow(app, [await invitationStage(app), leave, form, write]);
  }

  test.each([
    ['an error', new Error('the disk is full'), { component: 'ak-stage-flow-error' }],
    ['a denial', new Denial('no'), { component: DENIED, error_message: 'no' }],
  ])('leaves nothing, whether by %s, and the link works again', async (_name, error, answer) => {
    const { slug } = await broken(await create(app, '/core/groups/', { name: unique('group') }));
    const { query } = await invite(app, { single_use: true, fixed_data: { attributes: { a: 1 } } });
    const [jar, username] = [app.jar(), unique('broken')];
    await jar.open(slug, query);
    failure.current = error;
    const before = (await counts()) as { events: string };
    expect((await jar.answer(slug, credentials(username), query)).body).toMatchObject(answer);
    const events = BigInt(before.events) + (answer.component === DENIED ? 0n : 1n);
    expect(await counts()).toEqual({ ...before, events: String(events) });
    expect(await findUser(app, username)).toBeUndefined();
    failure.current = undefined;
    const again = app.jar();
    await again.open(slug, query);
    expect((await again.answer(slug, credentials(username), query)).body).toEqual(DONE);
    expect(await findUser(app, username)).toMatchObject({ attributes: { a: 1 } });
  });
});

describe('a restart that keeps the context', () => {
  /** Goes on without an invitation, and starts again when the account cannot be written. */
  async function restarting() {
    const form = await buildPromptStage(app, { name: {}, username: {} });
    const write = await buildStage(app, '/stages/user_write/', { user_creation_mode: 'always_create' });
    const invitation = await invitationStage(app, true);
    return buildFlow(app, [invitation, form, { stage: write, invalid_response_action: 'restart_with_context' }]);
  }

  test('D4: keeps that the invitation is to be used up, after a commit that was undone', async () => {
    const { slug } = await restarting();
    const invited = await invite(app, { single_use: true, fixed_data: { attributes: { list: [1] } } });
    const jar = app.jar();
    await jar.open(slug, invited.query);
    // The name is taken, so that writing fails after the invitation was consumed in the same transaction.
    const again = await jar.answer(slug, { name: 'A', username: 'akadmin' });
    expect(again.body.component).toBe('ak-stage-prompt');
    expect(await countUses(app, invited)).toBe(0);
    const username = unique('restarted');
    expect((await jar.answer(slug, { name: 'A', username })).body).toEqual(DONE);
    expect((await findUser(app, username))?.['attributes']).toEqual({ list: [1] });
    expect(await countUses(app, invited)).toBe(1);
    expect((await app.api('GET', `${INVITATIONS}${invited.pk}/`)).status).toBe(404);
  });

  test('merges the fixed data once', async () => {
    const { slug } = await restarting();
    const invited = await invite(app, { fixed_data: { attributes: { list: [1] } } });
    const jar = app.jar();
    await jar.open(slug, invited.query);
    await jar.answer(slug, { name: 'A', username: 'akadmin' }, invited.query);
    const username = unique('restarted');
    await jar.answer(slug, { name: 'A', username }, invited.query);
    expect((await findUser(app, username))?.['attributes']).toEqual({ list: [1] });
  });
});

describe('the event of a use', () => {
  test('names the invitation and is written with the account', async () => {
    const { invited, jar, arrival } = await standing();
    expect(await countUses(app, invited)).toBe(0);
    await giveDetails(jar, arrival);
    const hex = invited.pk.replaceAll('-', '');
    const [event] = await app.ctx.db.query(
      `select user_data, context from event where action = 'invitation_used' and context ->> 'invitation_uuid' = $1`,
      [hex],
    );
    const http_request = { path: expect.stringContaining('{flow_slug}'), method: 'GET' };
    expect(event).toMatchObject({ user_data: {}, context: { invitation_uuid: hex, http_request } });
  });
});
