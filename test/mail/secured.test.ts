import { describe, expect, test } from 'vitest';
import { cli } from '../cli/run-cli.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { CERTIFICATE, smtpSink } from './smtp-sink.ts';
import type { Sink } from './smtp-sink.ts';
import { mailApp, settled } from './mail-app.ts';
import type { MailApp } from './mail-app.ts';

const AUTH = { user: 'vestibule@example.org', pass: 'p@ss:word/1' };
const SECRET_KEY = 'test-secret-key-of-enough-characters-0123456789';
const FROM = { VESTIBULE_MAIL_FROM: 'v@example.org' };
const API = '/api/vestibule/v1/invitations';

const starttls = await smtpSink({}, { tls: 'starttls', auth: AUTH });
const implicit = await smtpSink({}, { tls: 'implicit', auth: AUTH });
const plain = await smtpSink({}, { tls: 'none' });

/** The address of a server with a user and a password, as an administrator writes it. */
function urlOf({ url }: Sink, options = '', { user, pass } = AUTH): string {
  const [scheme, place] = url.split('://');
  return `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(pass)}@${place}${options}`;
}

/** Mails an invitation. Out: what the administrator sees of it. */
async function mailed(app: MailApp, states: readonly string[]) {
  const { id } = (await app.api('POST', API, { name: 'secured', flow: 'invitation-enrollment-flow' })).body;
  await app.api('POST', `${API}/${id}/send`, { recipients: ['ann@example.org'] });
  await settled(app, id, states);
  const [delivery] = (await app.api('GET', `${API}/${id}/deliveries`)).body.items;
  return { id, delivery };
}

const appOn = (url: string): Promise<MailApp> => mailApp({ env: { VESTIBULE_SMTP_URL: url } });
// Made before the tests: the first one of a run prepares the database that the others are copied from.
const right = await appOn(urlOf(starttls, '?verify=false'));
const came = ({ received }: Sink, id: string) => received.filter(({ mail }) => String(mail.text).includes(id));

describe('a server that wants STARTTLS and a password', () => {
  test('gets both, whatever letters they have, and the mail over TLS', async () => {
    const { id, delivery } = await mailed(right, ['sent']);
    expect(delivery).toMatchObject({ state: 'sent', answer: expect.stringContaining('queued as sink') });
    expect(came(starttls, id)).toMatchObject([{ secure: true, user: AUTH.user }]);
  });

  test('that refuses the password keeps the mail waiting, with its words, until the configuration is right', async () => {
    const wrong = urlOf(starttls, '?verify=false', { ...AUTH, pass: 'guessed' });
    const { id, delivery } = await mailed(await appOn(wrong), ['deferred', 'failed']);
    expect(delivery).toMatchObject({ state: 'deferred', answer: expect.stringContaining('535') });
    expect(delivery.next_try).toEqual(expect.any(String));
    expect(JSON.stringify(delivery)).not.toContain('guessed');
    expect(came(starttls, id)).toEqual([]);
  });

  test('whose certificate nobody vouches for gets neither password nor mail', async () => {
    const { id, delivery } = await mailed(await appOn(urlOf(starttls)), ['deferred', 'failed']);
    expect(delivery).toMatchObject({ state: 'deferred', answer: expect.stringMatching(/self.signed/) });
    expect(came(starttls, id)).toEqual([]);
  });
});

test('with require_tls nothing is sent to a server that offers no STARTTLS', async () => {
  const { id, delivery } = await mailed(await appOn(`${plain.url}?require_tls=true`), ['deferred', 'failed']);
  expect(delivery.state).toBe('deferred');
  expect(came(plain, id)).toEqual([]);
});

test('smtps:// speaks TLS from the start', async () => {
  const { id } = await mailed(await appOn(urlOf(implicit, '?verify=false')), ['sent']);
  expect(came(implicit, id)).toMatchObject([{ secure: true, user: AUTH.user }]);
});

describe('at the terminal', () => {
  const { PATH = '', HOME = '' } = process.env;
  const database = { VESTIBULE_DATABASE_URL: databaseUrl(right.connection), VESTIBULE_SECRET_KEY: SECRET_KEY };
  const env = { PATH, HOME, ...database, ...FROM, VESTIBULE_LOG_LEVEL: 'warn' };
  const run = (url: string, words: readonly string[], more: Record<string, string> = {}) =>
    cli({ ...env, ...more, VESTIBULE_SMTP_URL: url }, words);

  test('a certificate is believed whose issuer NODE_EXTRA_CA_CERTS names, of both kinds of server', async () => {
    for (const sink of [starttls, implicit]) {
      const done = await run(urlOf(sink), ['mail', 'test', 'bea@example.org'], { NODE_EXTRA_CA_CERTS: CERTIFICATE });
      expect(done).toMatchObject({ code: 0, out: expect.stringContaining('queued as sink') });
      expect(sink.received.at(-1)).toMatchObject({ to: ['bea@example.org'], secure: true, user: AUTH.user });
    }
  });

  test('doctor tells a wrong password and an unknown certificate, and never the password', async () => {
    const wrong = await run(urlOf(starttls, '?verify=false', { ...AUTH, pass: 'guessed' }), ['doctor', '--json']);
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(/mail server 127\.0\.0\.1 cannot be used: .*535/);
    expect(wrong.out + wrong.err).not.toContain('guessed');
    const unknown = await run(urlOf(implicit), ['doctor', '--json']);
    expect(unknown.out).toMatch(/cannot be used: .*self.signed/);
    expect((await run(urlOf(starttls, '?verify=false'), ['doctor', '--json'])).out).not.toContain('mail server');
  });
});
