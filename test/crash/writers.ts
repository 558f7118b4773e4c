import { enrollmentFlow, INVITATIONS, invite } from '../processes/administrator.ts';
import type { Administrator } from '../processes/administrator.ts';
import { invitee, isEnrolled } from '../processes/invitee.ts';
import type { Send } from '../jar.ts';

const CHANGERS = 4;
const MAKERS = 2;
const FINISHERS = 4;

/** An invitation whose `fixed_data.number` is counted up by PUT. */
export type Counter = { readonly pk: string; sent: number; acknowledged: number };

/** Somebody who was on the way to an account by a single-use link. */
export type Attempt = { readonly username: string; readonly link: string; acknowledged: boolean };

/** What was tried and what was acknowledged, written down at the moment the answer came. */
export type WriteLog = {
  readonly counters: readonly Counter[];
  readonly made: string[];
  readonly attempts: Attempt[];
};

export type Load = {
  readonly log: WriteLog;
  /** Resolves when every writer met its first failure; they do not stop by themselves. */
  readonly stopped: Promise<void>;
};

type Scene = { readonly send: Send; readonly admin: Administrator; readonly flow: string; readonly name: string };

const single = (scene: Scene, name: string) =>
  invite(scene.admin, { name, flow: scene.flow, single_use: true, expires: '2090-01-01T00:00:00Z' });

/** Works until it throws: the server or its database is gone. */
async function untilItFails(work: (turn: number) => Promise<void>): Promise<void> {
  try {
    for (let turn = 1; ; turn++) await work(turn);
  } catch {
    // That is what ends a writer; what was acknowledged is in the log.
  }
}

async function changer(scene: Scene, counter: Counter): Promise<void> {
  await untilItFails(async () => {
    const number = ++counter.sent;
    const body = { name: 'counter', flow: scene.flow, expires: '2090-01-01T00:00:00Z', fixed_data: { number } };
    await scene.admin.expect(200, 'PUT', `${INVITATIONS}${counter.pk}/`, body);
    counter.acknowledged = number;
  });
}

async function maker(scene: Scene, log: WriteLog, index: number): Promise<void> {
  await untilItFails(async (turn) => {
    log.made.push(await single(scene, `${scene.name}-made-${index}-${turn}`));
  });
}

async function finisher(scene: Scene, log: WriteLog, index: number): Promise<void> {
  await untilItFails(async (turn) => {
    const username = `${scene.name}-${index}-${turn}`;
    const attempt: Attempt = { username, link: await single(scene, `link-${username}`), acknowledged: false };
    log.attempts.push(attempt);
    const answer = await invitee(scene.send, attempt).enroll();
    if (!isEnrolled(answer)) throw new Error(`Not enrolled: ${answer.status} ${answer.text.slice(0, 300)}`);
    attempt.acknowledged = true;
  });
}

/** Starts people who change invitations, make some, and use some, all as fast as they can. */
export async function startLoad(server: { send: Send; admin: Administrator }, name: string): Promise<Load> {
  const scene: Scene = { ...server, name, flow: await enrollmentFlow(server.admin) };
  const pks = await Promise.all(Array.from({ length: CHANGERS }, (_, index) => single(scene, `counter-${index}`)));
  const counters: Counter[] = pks.map((pk) => ({ pk, sent: 0, acknowledged: 0 }));
  const log: WriteLog = { counters, made: [], attempts: [] };
  const writers = [
    ...counters.map((counter) => changer(scene, counter)),
    ...Array.from({ length: MAKERS }, (_, index) => maker(scene, log, index)),
    ...Array.from({ length: FINISHERS }, (_, index) => finisher(scene, log, index)),
  ];
  return { log, stopped: Promise.all(writers).then(() => undefined) };
}
