import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { pause, waitUntil } from '../../src/kernel/db/embedded/processes.ts';
import type { Send } from '../jar.ts';
import { Jar } from '../jar.ts';
import { administrator, bootstrap, enrollmentFlow, INVITATIONS, invite } from '../processes/administrator.ts';
import type { Administrator } from '../processes/administrator.ts';
import { invitee, isEnrolled } from '../processes/invitee.ts';
import { reportFigures } from '../processes/rounds.ts';
import { startServer } from '../processes/server-process.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { mountSmallDisk } from '../processes/small-disk.ts';
import type { SmallDisk } from '../processes/small-disk.ts';
import { startExternal } from './external.ts';

/** R07, and what a busy machine adds. */
const BACK_MS = 5000;
const SOON_MS = 15_000;
const FULL = { detail: 'Changes are not possible at the moment: the storage of the server is full.' };

let disk: SmallDisk | string;
beforeAll(async () => {
  disk = await mountSmallDisk(700);
});
afterAll(async () => {
  if (typeof disk === 'object') await disk.close();
});

/** The disk; without one the test counts as skipped and says why. */
function diskOf({ skip }: TestContext): SmallDisk {
  if (typeof disk === 'string') {
    process.stderr.write(`${disk}\n`);
    return skip(disk);
  }
  return disk;
}

type Scene = { readonly disk: SmallDisk; readonly admin: Administrator; readonly send: Send; readonly flow: string };

const big = (flow: string) => ({
  name: 'big',
  flow,
  single_use: true,
  expires: '2090-01-01T00:00:00Z',
  fixed_data: { ballast: randomBytes(20_000).toString('hex') },
});

/** A browser whose person is signed in. */
async function signedIn({ admin, send, flow }: Scene, username: string): Promise<Jar> {
  const link = await invite(admin, { name: username, flow, single_use: true, expires: '2090-01-01T00:00:00Z' });
  const person = invitee(send, { username, link });
  expect(isEnrolled(await person.enroll())).toBe(true);
  return person.jar;
}

/** What must go on without a change of anything. */
async function checkReads({ admin, send }: Scene, jar: Jar): Promise<void> {
  await admin.expect(200, 'GET', INVITATIONS);
  await admin.expect(200, 'GET', '/api/v3/core/users/?search=full');
  expect((await jar.ask('GET', '/api/v3/core/users/me/')).status).toBe(200);
  expect((await jar.ask('GET', '/if/user/')).status).toBe(200);
  for (const path of ['/-/health/live/', '/-/health/ready/']) {
    expect([path, (await send({ method: 'GET', url: path, headers: {} })).status]).toEqual([path, 200]);
  }
}

/** Fills the disk, looks at what is refused and what goes on, frees it. @returns milliseconds until a change is done */
async function fillAndFree(scene: Scene, left = 0): Promise<number> {
  const { disk: small, admin, send, flow } = scene;
  const jar = await signedIn(scene, `full-${randomBytes(4).toString('hex')}`);
  const post = () => admin.ask('POST', INVITATIONS, big(flow));
  expect((await post()).status).toBe(201);
  await small.fill(left);
  try {
    // What still fits into pages that the tables have is written.
    expect(await waitUntil(async () => (await post()).status !== 201, SOON_MS), 'changes go on').toBe(true);
    for (let turn = 0; turn < 20; turn += 1) {
      await checkReads(scene, jar);
      const refused = await post();
      expect([refused.status, refused.body]).toEqual([507, FULL]);
    }
    const own = await admin.ask('POST', '/api/vestibule/v1/invitations', {
      name: 'full',
      fixed_data: big(flow).fixed_data,
    });
    expect([own.status, JSON.parse(own.text).code]).toEqual([507, 'insufficient_storage']);
    await pause(1500);
    await checkReads(scene, jar);
    // A flow keeps its plan in the session, so it cannot begin: the page says so.
    const page = await new Jar(send).get('/if/flow/default-authentication-flow/');
    const says = page.status === 507 && page.text.includes('We are back in a moment');
    expect(says || page.status === 200, `the page is ${page.status}`).toBe(true);
  } finally {
    await small.free();
  }
  const freed = performance.now();
  expect(await waitUntil(async () => (await post()).status === 201, SOON_MS), 'no change is done').toBe(true);
  const back = performance.now() - freed;
  await checkReads(scene, jar);
  return back;
}

const MESSAGES = ['disk is full: changes are refused', 'disk has room again: changes are accepted'];

async function eventsAfter(admin: Administrator): Promise<string> {
  const { body } = await admin.expect(200, 'GET', '/api/v3/events/events/?action=system_exception&ordering=-created');
  return JSON.stringify(body.results);
}

test('a full disk under the built-in database refuses changes with 507, reads go on, and within 5 s of room it goes on by itself (R07)', async (context) => {
  const small = diskOf(context);
  const dataDir = join(small.directory, 'data');
  await mkdir(dataDir, { mode: 0o711 });
  const { token, env } = bootstrap();
  const server: ServerProcess = await startServer({ dataDir, env });
  try {
    await server.ready();
    const admin = administrator(() => server.send, token);
    const scene: Scene = { disk: small, admin, send: server.send, flow: await enrollmentFlow(admin) };
    const back = await fillAndFree(scene);
    expect(back).toBeLessThan(BACK_MS);
    // Of both turns there are an event and a line in the log; the database was never away.
    const told = await waitUntil(async () => (await eventsAfter(admin)).includes(MESSAGES[1] ?? ''), SOON_MS);
    expect(told, 'there is no event').toBe(true);
    expect(server.output()).toContain('the disk is full: changes are refused');
    expect(server.output()).toContain('the disk has room again');
    expect(server.output()).not.toContain('the built-in database went away');
    // Changes stop before the room does: what is kept free holds the event, and the write-ahead log of the reads.
    const again = await fillAndFree(scene, 30);
    expect(await eventsAfter(admin)).toContain(MESSAGES[0]);
    reportFigures('disk of the built-in database full', {
      rounds: 2,
      'back after, ms': Math.round(Math.max(back, again)),
    });
  } finally {
    await server.stop();
  }
});

test('a full disk under an external database refuses changes with 507 and a line in the log, reads go on, and it goes on by itself (R07)', async (context) => {
  const small = diskOf(context);
  const external = await startExternal({ postgres: { directory: small.directory } });
  try {
    const { admin, server } = external;
    const scene: Scene = { disk: small, admin, send: server.send, flow: await enrollmentFlow(admin) };
    const back = await fillAndFree(scene);
    expect(back).toBeLessThan(BACK_MS);
    expect(server.output()).toContain('a change was refused for lack of room');
    reportFigures('disk of an external database full', { rounds: 1, 'back after, ms': Math.round(back) });
  } finally {
    await external.close();
  }
});
