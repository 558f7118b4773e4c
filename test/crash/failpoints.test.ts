import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../../src/kernel/db/embedded/processes.ts';
import { DatabaseUnavailable } from '../../src/kernel/db/errors.ts';
import type { Database } from '../../src/kernel/db/types.ts';
import { enrollmentFlow, invite } from '../processes/administrator.ts';
import { invitee } from '../processes/invitee.ts';
import { waitReady } from '../processes/server-process.ts';
import { checkWhole, tryAgain } from './check-log.ts';
import { createInstallation } from './installation.ts';
import type { Installation } from './installation.ts';
import type { Attempt } from './writers.ts';

/** What the transaction that makes an account writes, in the order in which it does. */
const TABLES = ['invitation', 'event', 'users', 'invitation_use', 'session'] as const;
const WAIT_MS = 15_000;

let installation: Installation;

beforeAll(async () => {
  installation = await createInstallation();
  await installation.start();
});

afterAll(() => installation?.close());

const WAITING = `
  select 1 from pg_locks where not granted and relation = $1::regclass and mode = 'RowExclusiveLock'`;

/**
 * Stops the transaction just before its first write to a table, by a lock on the table, runs `crash`, and lets go.
 * What was written before the lock is in the database, and not committed.
 */
async function freezeAt(db: Database, table: string, during: { start(): void; crash(): Promise<void> }): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`lock table ${table} in share mode`);
    during.start();
    const isWaiting = async (): Promise<boolean> => (await tx.query(WAITING, [table])).length > 0;
    expect(await waitUntil(isWaiting, WAIT_MS), `nobody writes to ${table}`).toBe(true);
    await during.crash();
  });
}

async function standBeforeCommit(username: string): Promise<{ attempt: Attempt; commit(): void }> {
  const { admin, send } = installation;
  const body = { name: username, flow: await enrollmentFlow(admin), single_use: true };
  const attempt: Attempt = { username, link: await invite(admin, body), acknowledged: false };
  const person = invitee(send, attempt);
  await person.toDetails();
  await person.answerDetails();
  return { attempt, commit: () => void person.commit().catch(() => 'the server is gone') };
}

/** Which accounts exist after the crash. Fails when something is half made, or the link does not work any more. */
async function accountsAfter(attempt: Attempt): Promise<string[]> {
  const existing = await installation.look((db) => checkWhole(db, [attempt]));
  await tryAgain(installation, attempt, existing.has(attempt.username));
  return [...existing];
}

test.each(TABLES)(
  'kill -9 of the server before the enrollment writes to %s leaves neither account nor use (T03)',
  async (table) => {
    const { attempt, commit } = await standBeforeCommit(`server-${table}`);
    const crash = async (): Promise<void> => void (await installation.server().kill());
    await installation.look((db) => freezeAt(db, table, { start: commit, crash }));
    await installation.start();
    expect(await accountsAfter(attempt)).toEqual([]);
  },
);

test.each(TABLES)(
  'kill -9 of the database before the enrollment writes to %s leaves neither account nor use (T03)',
  async (table) => {
    const { attempt, commit } = await standBeforeCommit(`database-${table}`);
    const frozen = installation.look((db) => freezeAt(db, table, { start: commit, crash: installation.killDatabase }));
    await expect(frozen).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await waitReady(installation.server().url, WAIT_MS)).toBe(true);
    expect(await accountsAfter(attempt)).toEqual([]);
  },
);
