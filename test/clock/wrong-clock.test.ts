import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFlowToken, PlanDraft } from '../../src/core/flows/index.ts';
import { createContext, discoverFeatures } from '../../src/installation.ts';
import { loadConfig } from '../../src/kernel/config/config.ts';
import type { Context } from '../../src/kernel/context.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { Jar } from '../jar.ts';
import type { Send } from '../jar.ts';
import { administrator, INVITATIONS, invite } from '../processes/administrator.ts';
import type { Administrator } from '../processes/administrator.ts';
import { invitee, isDenied, isEnrolled, signIn } from '../processes/invitee.ts';
import type { Fleet } from '../race/fleet.ts';
import { startFleet } from '../race/fleet.ts';

const MINUTE = 60_000;
/** Minutes by which the clock of a process is wrong (R13). */
const CLOCKS = [-10, 0, 10] as const;
/** Inside of the error, on both sides: a process that asked its own clock would be wrong about one of them. */
const IN_FIVE_MINUTES = "now() + interval '5 minutes'";
const FIVE_MINUTES_AGO = "now() - interval '5 minutes'";

let fleet: Fleet;
let context: Context;
beforeAll(async () => {
  fleet = await startFleet(
    CLOCKS.length,
    CLOCKS.map((minutes) => minutes * MINUTE),
  );
  const config = loadConfig({ VESTIBULE_SECRET_KEY: fleet.secretKey });
  context = await createContext({ config, log: silentLogger, db: fleet.db, discovery: await discoverFeatures() });
});
afterAll(() => fleet?.close());

const unique = (name: string): string => `${name}-${randomBytes(5).toString('hex')}`;

/** Sets when a row expires; by the database, for no clock but its own may have a say. */
async function expire(row: { table: string; key: string; value: string }, at: string): Promise<void> {
  const text = `update ${row.table} set expires = ${at} where ${row.key}::text = $1 returning 1`;
  expect(await fleet.db.query(text, [row.value], { prepare: false })).toHaveLength(1);
}

/** How many minutes from now, by the database's clock, a row expires. */
async function minutesLeft(row: { table: string; key: string; value: string }): Promise<number> {
  const text = `select extract(epoch from expires - now())::float8 / 60 as minutes from ${row.table} where ${row.key}::text = $1`;
  const [found] = await fleet.db.query<{ minutes: number }>(text, [row.value], { prepare: false });
  return found?.minutes ?? Number.NaN;
}

describe.each(CLOCKS.map((minutes, index) => [minutes, index] as const))(
  'a process whose clock is wrong by %i minutes',
  (minutes, index) => {
    let send: Send;
    let admin: Administrator;
    beforeAll(() => {
      send = fleet.sendTo(index);
      admin = administrator(() => send, fleet.token);
    });

    test('has that clock', async () => {
      const { body } = await admin.expect(200, 'GET', '/api/v3/admin/system/');
      const apart = (Date.parse(body.server_time) - Date.now()) / MINUTE;
      expect(Math.abs(apart - minutes)).toBeLessThan(1);
    });

    test('opens and commits an invitation until it expires by the database, and not after (R13, T05)', async () => {
      const name = unique('clock');
      const link = await invite(fleet.admin, { name, flow: fleet.flow, single_use: true });
      const row = { table: 'invitation', key: 'invite_uuid', value: link };
      await expire(row, FIVE_MINUTES_AGO);
      await admin.expect(404, 'GET', `${INVITATIONS}${link}/`);
      expect(isDenied(await new Jar(send).open('invitation-enrollment-flow', `itoken=${link}`))).toBe(true);
      await expire(row, IN_FIVE_MINUTES);
      await admin.expect(200, 'GET', `${INVITATIONS}${link}/`);
      const person = invitee(send, { username: name, link });
      await person.toDetails();
      await person.answerDetails();
      await expire(row, FIVE_MINUTES_AGO);
      expect(isDenied(await person.commit()), 'it expired before the commit').toBe(true);
      await expire(row, IN_FIVE_MINUTES);
      expect(isEnrolled(await invitee(send, { username: name, link }).enroll())).toBe(true);
    });

    test('takes a new expiry for past, or not, by the database, when making and when extending (R13, T05)', async () => {
      const url = '/api/vestibule/v1/invitations';
      const body = { name: unique('clock'), flow: fleet.flow };
      const at = (minutes: number) => new Date(Date.now() + minutes * MINUTE).toISOString();
      for (const past of [{ expires: at(-5) }, { account_expires: at(-5) }]) {
        expect((await admin.ask('POST', url, { ...body, ...past })).status).toBe(422);
      }
      const { body: made } = await admin.expect(201, 'POST', url, { ...body, expires: at(5), account_expires: at(5) });
      const extend = async (minutes: number) =>
        (await admin.ask('POST', `${url}/${made.id}/extend`, { expires: at(minutes) })).status;
      expect([await extend(-5), await extend(5)]).toEqual([422, 200]);
    });

    test('keeps a link in a browser for its day by the database, whichever process made the cookie (R13)', async () => {
      const link = await invite(fleet.admin, { name: unique('clock'), flow: fleet.flow, single_use: true });
      const page = '/if/flow/invitation-enrollment-flow/';
      const other = fleet.sendTo((index + 1) % CLOCKS.length);
      const jar = new Jar((request) => (request.url.includes('itoken') ? send : other)(request));
      const first = await jar.get(`${page}?itoken=${link}`);
      expect((await jar.get(page)).text).toContain(/<h1[^>]*>([^<]*)/.exec(first.text)?.[1] ?? 'no heading');
    });

    test('takes an API token until it expires by the database, and not after (R13)', async () => {
      const identifier = unique('clock');
      const soon = new Date(Date.now() + 5 * MINUTE).toISOString();
      const body = { identifier, intent: 'api', expiring: true, expires: soon };
      await fleet.admin.expect(201, 'POST', '/api/v3/core/tokens/', body);
      const { body: shown } = await fleet.admin.expect(200, 'GET', `/api/v3/core/tokens/${identifier}/view_key/`);
      const owner = administrator(() => send, shown.key);
      await owner.expect(200, 'GET', '/api/v3/core/users/me/');
      await expire({ table: 'token', key: 'identifier', value: identifier }, FIVE_MINUTES_AGO);
      // A token may be good for a second more.
      await expect.poll(async () => (await owner.ask('GET', '/api/v3/core/users/me/')).status).toBe(403);
    });

    test('gives a session its time by the database, and ends it then (R13)', async () => {
      const username = unique('clock');
      const link = await invite(fleet.admin, { name: username, flow: fleet.flow, single_use: true });
      const person = invitee(send, { username, link });
      expect(isEnrolled(await person.enroll())).toBe(true);
      const me = async () => (await person.jar.ask('GET', '/api/v3/core/users/me/')).status;
      const [session] = await fleet.db.query<{ uuid: string }>(
        'select s.session_uuid as uuid from session s join users u on u.id = s.user_id where u.username = $1',
        [username],
      );
      const row = { table: 'session', key: 'session_uuid', value: session?.uuid ?? '' };
      expect(Math.abs((await minutesLeft(row)) - 14 * 24 * 60)).toBeLessThan(2);
      await expire(row, IN_FIVE_MINUTES);
      expect(await me()).toBe(200);
      await expire(row, FIVE_MINUTES_AGO);
      expect(await me()).toBe(403);
      expect(isEnrolled(await signIn(send, username))).toBe(true);
    });

    test('takes a flow token until it expires by the database, and not after (R13)', async () => {
      const slug = unique('clock');
      const body = { name: slug, slug, title: slug, designation: 'recovery', authentication: 'require_token' };
      const { body: flow } = await fleet.admin.expect(201, 'POST', '/api/v3/flows/instances/', body);
      const stages = '/api/v3/stages/dummy/';
      const { body: dummy } = await fleet.admin.expect(201, 'POST', stages, { name: slug });
      const binding = { target: flow.pk, stage: dummy.pk, order: 0 };
      await fleet.admin.expect(201, 'POST', '/api/v3/flows/bindings/', binding);
      const plan = { flow: flow.pk, slug, bindings: [], context: {}, commits: [], link: {}, restarts: 0 };
      const key = await createFlowToken(context, fleet.db, {
        identifier: slug,
        plan: new PlanDraft(plan).plan,
        revokeOnExecution: false,
        seconds: 60,
      });
      const row = { table: 'flow_token', key: 'identifier', value: slug };
      const component = async () => (await new Jar(send).open(slug, `flow_token=${key}`)).body.component;
      await expire(row, IN_FIVE_MINUTES);
      expect(await component()).toBe('ak-stage-dummy');
      await expire(row, FIVE_MINUTES_AGO);
      expect(await component()).toBe('ak-stage-access-denied');
    });
  },
);
