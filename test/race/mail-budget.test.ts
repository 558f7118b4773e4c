import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../jar.ts';
import { INVITATIONS, invite } from '../processes/administrator.ts';
import { testRounds } from '../processes/rounds.ts';
import type { Fleet } from './fleet.ts';
import { POOL, startFleet } from './fleet.ts';
import { behindGate } from './gate.ts';
import { patient } from './patient.ts';

const PROCESSES = 2;
const BUDGET = 60;
const ROUNDS = testRounds(6);
const ROUND_MS = 30_000;
// The other connections of a process may be busy with something else.
const AT_THE_GATE = PROCESSES * (POOL - 2);
/** Several invitations, so that few wait for the same one. */
const LINKS = 30;
const OWN = '/api/vestibule/v1/invitations/';

let fleet: Fleet;
let links: readonly string[];

beforeAll(async () => {
  fleet = await startFleet(PROCESSES, [], {
    // Nobody listens there: what matters here is what is queued.
    VESTIBULE_SMTP_URL: 'smtp://127.0.0.1:9',
    VESTIBULE_MAIL_FROM: 'no-reply@example.org',
    VESTIBULE_PUBLIC_URL: 'https://id.example.org',
    VESTIBULE_MAIL_DAILY_BUDGET: String(BUDGET),
    VESTIBULE_API_RATE_LIMIT: '1000000',
    VESTIBULE_WORKER: 'false',
  });
  const bodies = Array.from({ length: LINKS }, (_, n) => ({ name: `mailed-${n}`, flow: fleet.flow, single_use: true }));
  links = await Promise.all(bodies.map((body) => invite(fleet.admin, body)));
});

afterAll(() => fleet?.close());

const people = (count: number): string[] => Array.from({ length: count }, () => `${randomUUID()}@example.org`);

/** Three ways: a statement by itself in either API, and one in a transaction with an answer that is kept. */
function send(at: number, count: number): Promise<Answer> {
  const link = links[at % links.length] ?? '';
  const way = at % 3;
  const [url, body] =
    way === 0
      ? [`${INVITATIONS}${link}/send_email/`, { email_addresses: people(count) }]
      : [`${OWN}${link}/send`, { recipients: people(count) }];
  const headers: Record<string, string> = {
    authorization: `Bearer ${fleet.token}`,
    'content-type': 'application/json',
    ...(way === 2 ? { 'idempotency-key': randomUUID() } : {}),
  };
  return patient(fleet.sendTo(at))({ method: 'POST', url, headers, payload: JSON.stringify(body) });
}

async function queued(): Promise<number> {
  const [row] = await fleet.db.query<{ count: number }>('select count(*)::int as count from outbox_recipient');
  return row?.count ?? -1;
}

/** A new day for everybody, of which so much is used up. */
async function beginDay(used: number): Promise<void> {
  await fleet.db.query('truncate outbox_message, outbox_recipient, invitation_mail');
  await fleet.db.query('delete from outbox_day');
  for (let left = used; left > 0; left -= 50) {
    const { status } = await send(0, Math.min(50, left));
    expect(status).toBe(204);
  }
}

type Sent = { readonly size: number; readonly answer: Answer };

/** Sends of these sizes at once; with a gate all stand before the day's count when it opens. */
async function sendAtOnce(sizes: readonly number[], gated: boolean): Promise<Sent[]> {
  const all = (): Promise<Sent[]> =>
    Promise.all(sizes.map(async (size, at) => ({ size, answer: await send(at, size) })));
  if (!gated) return all();
  const { result, waiting } = await behindGate(fleet.db, { table: 'outbox_day', wanted: AT_THE_GATE }, all);
  expect(waiting, 'transactions that stood at the gate').toBeGreaterThanOrEqual(PROCESSES);
  return result;
}

/** Answers that are neither. */
const others = (sent: readonly Sent[]): unknown[] =>
  sent
    .filter(({ answer: { status } }) => status >= 300 && status !== 429)
    .map(({ answer }) => [answer.status, answer.text]);
const accepted = (sent: readonly Sent[]): Sent[] => sent.filter(({ answer: { status } }) => status < 300);
const refused = (sent: readonly Sent[]): Sent[] => sent.filter(({ answer: { status } }) => status === 429);

test(
  `of a sender's mails at once over ${PROCESSES} processes exactly as many are queued as are left of the budget, ${ROUNDS} rounds (T21)`,
  { timeout: ROUNDS * ROUND_MS },
  async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const used = [0, 59, 50][round % 3] ?? 0;
      await beginDay(used);
      const sent = await sendAtOnce(
        Array.from({ length: BUDGET - used + 30 }, () => 1),
        round % 2 === 0,
      );
      expect(others(sent)).toEqual([]);
      expect([round, accepted(sent).length, refused(sent).length]).toEqual([round, BUDGET - used, 30]);
      expect(await queued()).toBe(BUDGET);
    }
  },
);

test(
  `mails to several people at once are never over the budget, and none is refused that there was room for, ${ROUNDS} rounds (T21)`,
  { timeout: ROUNDS * ROUND_MS },
  async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await beginDay(0);
      const sent = await sendAtOnce(
        Array.from({ length: 40 }, (_, n) => 1 + ((n + round) % 5)),
        round % 2 === 0,
      );
      const smallest = Math.min(...refused(sent).map(({ size }) => size));
      const total = accepted(sent).reduce((sum, { size }) => sum + size, 0);
      expect(others(sent)).toEqual([]);
      expect(await queued()).toBe(total);
      expect(total).toBeLessThanOrEqual(BUDGET);
      expect(total + smallest).toBeGreaterThan(BUDGET);
    }
  },
);
