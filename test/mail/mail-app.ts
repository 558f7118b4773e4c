import { afterAll, expect } from 'vitest';
import type { TestApp, TestAppOptions } from '../app.ts';
import { testApp } from '../app.ts';
import { INVITATIONS } from '../api/urls.ts';
import { runStartSteps } from '../../src/server.ts';
import { startWorker } from '../../src/kernel/tasks/worker.ts';
import { smtpSink } from './smtp-sink.ts';
import type { Behaviour, Received, Sink } from './smtp-sink.ts';

export const PUBLIC_URL = 'https://id.example.org';

export type MailApp = TestApp & { readonly sink: Sink };

/** The product with a worker in this process and a mail server beside it. */
export async function mailApp(
  options: { behaviour?: Behaviour; env?: Record<string, string>; worker?: boolean } & Pick<
    TestAppOptions,
    'provides'
  > = {},
): Promise<MailApp> {
  const sink = await smtpSink(options.behaviour);
  const env = {
    VESTIBULE_PUBLIC_URL: PUBLIC_URL,
    VESTIBULE_SMTP_URL: sink.url,
    VESTIBULE_MAIL_FROM: 'Vestibule <no-reply@example.org>',
    ...options.env,
  };
  const app = await testApp({ env, ...(options.provides ? { provides: options.provides } : {}) });
  if (options.worker !== false) {
    const worker = await startWorker(app.ctx, app.connection);
    afterAll(async () => {
      await worker.stop();
      app.ctx.mail.close();
    });
  }
  return Object.assign(app, { sink });
}

/** Runs what every start runs, with the configuration of this app. */
export async function startAgain(app: TestApp): Promise<void> {
  await runStartSteps(app, PUBLIC_URL);
}

/** Makes an invitation for the default enrollment flow. Out: its id. */
export async function invitation(app: TestApp, body: object = {}): Promise<string> {
  const flow = (await app.api('GET', '/api/v3/flows/instances/invitation-enrollment-flow/')).body.pk;
  return (await app.api('POST', INVITATIONS, { name: 'mailed', flow, ...body })).body.pk;
}

export type RecipientRow = {
  address: string;
  header: string;
  state: string;
  answer: string;
  tries: number;
  message_uuid: string;
  message_id: string;
  due: string | null;
};

/** What the outbox holds about an object, by address. */
export function outboxOf(app: TestApp, object: string): Promise<RecipientRow[]> {
  return app.ctx.db.query<RecipientRow>(
    `select r.address, r.header, r.state, r.answer, r.tries, m.message_uuid, m.message_id, m.due
     from outbox_message m join outbox_recipient r on r.message = m.message_uuid
     where m.object = $1 order by m.created, m.message_uuid, r.position`,
    [object],
  );
}

/** Waits until every recipient of an object is in one of the states. */
export async function settled(app: TestApp, object: string, states: readonly string[]): Promise<RecipientRow[]> {
  const end = performance.now() + 30_000;
  for (;;) {
    const rows = await outboxOf(app, object);
    if (rows.length > 0 && rows.every(({ state }) => states.includes(state))) return rows;
    if (performance.now() > end)
      throw new Error(`Still ${rows.map(({ state, answer }) => `${state}: ${answer}`).join()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The mails that came to an address, in their order. */
export const mailsTo = ({ sink }: MailApp, address: string): Received[] =>
  sink.received.filter(({ to }) => to.includes(address));

/** The newest mail to an address, when that many have come. */
export async function mailTo(app: MailApp, address: string, count = 1): Promise<Received> {
  await expect.poll(() => mailsTo(app, address).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
  return mailsTo(app, address).at(-1) as Received;
}
