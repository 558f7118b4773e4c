import { expect } from 'vitest';
import type { Database } from '../../src/kernel/db/types.ts';
import { invitee, isDenied, isEnrolled } from '../processes/invitee.ts';
import type { Installation } from './installation.ts';
import type { Attempt, WriteLog } from './writers.ts';

/** How much a round had acknowledged, and how many people it caught on the way. */
export type RoundResult = {
  readonly changes: number;
  readonly made: number;
  readonly enrolled: number;
  readonly interrupted: number;
};

const COUNTERS = `
  select invite_uuid as pk, (fixed_data ->> 'number')::int as number from invitation
  where invite_uuid = any($1::uuid[])`;

async function checkCounters(db: Database, { counters }: WriteLog): Promise<void> {
  const rows = await db.query<{ pk: string; number: number | null }>(COUNTERS, [counters.map(({ pk }) => pk)]);
  const found = new Map(rows.map(({ pk, number }) => [pk, number ?? 0]));
  for (const { pk, acknowledged, sent } of counters) {
    const number = found.get(pk) ?? -1;
    expect(number, 'a PUT that was acknowledged is lost').toBeGreaterThanOrEqual(acknowledged);
    expect(number, 'a value that nobody sent').toBeLessThanOrEqual(sent);
  }
}

async function checkMade(db: Database, { made }: WriteLog): Promise<void> {
  const rows = await db.query('select 1 from invitation where invite_uuid = any($1::uuid[])', [made]);
  expect(rows.length, 'an invitation that was acknowledged is lost').toBe(made.length);
}

const FATES = `
  select i.invite_uuid as link, i.used_up is not null as used,
    (select count(*)::int from invitation_use n where n.invitation = i.invite_uuid) as uses,
    (select count(*)::int from invitation_use n join users u on u.id = n.user_id
      where n.invitation = i.invite_uuid) as users,
    (select count(*)::int from event e where e.action = 'invitation_used'
      and e.context ->> 'invitation_uuid' = replace(i.invite_uuid::text, '-', '')) as events
  from invitation i where i.invite_uuid = any($1::uuid[])`;

type Fate = { link: string; used: boolean; uses: number; users: number; events: number };

/**
 * The account exists if and only if the invitation is used, with one use and one event (T03). Answers the names of the
 * accounts that exist.
 */
export async function checkWhole(db: Database, attempts: readonly Attempt[]): Promise<ReadonlySet<string>> {
  const fates = await db.query<Fate>(FATES, [attempts.map(({ link }) => link)]);
  const names = attempts.map(({ username }) => username);
  const users = await db.query<{ username: string }>('select username from users where username = any($1)', [names]);
  const existing = new Set(users.map(({ username }) => username));
  const byLink = new Map(fates.map((fate) => [fate.link, fate]));
  for (const { username, link, acknowledged } of attempts) {
    const exists = existing.has(username);
    const times = exists ? 1 : 0;
    const whole = { link, used: exists, uses: times, users: times, events: times };
    expect(byLink.get(link), `${username} is half made`).toEqual(whole);
    if (acknowledged) expect(exists, `${username} was told to be enrolled and is lost`).toBe(true);
  }
  return existing;
}

/** Who got no answer opens the link again: without an account it still works, with one it is used (T03). */
export async function tryAgain(installation: Installation, attempt: Attempt, exists: boolean): Promise<void> {
  const { send } = installation;
  if (exists) {
    const again = await invitee(send, attempt).jar.open('invitation-enrollment-flow', `itoken=${attempt.link}`);
    expect(isDenied(again), `the used link of ${attempt.username} works again`).toBe(true);
    return;
  }
  const answer = await invitee(send, attempt).enroll();
  expect(isEnrolled(answer), `the link of ${attempt.username} is burnt: ${answer.text}`).toBe(true);
}

/** Compares what the writers wrote down with what there is after the crash. */
export async function checkLog(installation: Installation, log: WriteLog): Promise<RoundResult> {
  const existing = await installation.look(async (db) => {
    await checkCounters(db, log);
    await checkMade(db, log);
    return checkWhole(db, log.attempts);
  });
  const interrupted = log.attempts.filter(({ acknowledged }) => !acknowledged);
  for (const attempt of interrupted) await tryAgain(installation, attempt, existing.has(attempt.username));
  return {
    changes: log.counters.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    made: log.made.length,
    enrolled: log.attempts.length - interrupted.length,
    interrupted: interrupted.length,
  };
}
