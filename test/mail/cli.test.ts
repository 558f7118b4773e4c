import { expect, test } from 'vitest';
import { databaseUrl } from '../processes/database-url.ts';
import { cli } from '../cli/run-cli.ts';
import { INVITATIONS } from '../api/urls.ts';
import { invitation, mailApp, PUBLIC_URL, settled } from './mail-app.ts';

const app = await mailApp();
const { sink } = app;
const { PATH = '', HOME = '' } = process.env;
const env = {
  PATH,
  HOME,
  VESTIBULE_DATABASE_URL: databaseUrl(app.connection),
  VESTIBULE_SECRET_KEY: 'test-secret-key-of-enough-characters-0123456789',
  VESTIBULE_PUBLIC_URL: PUBLIC_URL,
  VESTIBULE_SMTP_URL: sink.url,
  VESTIBULE_MAIL_FROM: 'no-reply@example.org',
  VESTIBULE_LOG_LEVEL: 'warn',
};

test('mail test sends a real mail and tells what the server answered', async () => {
  const { code, out, err } = await cli(env, [
    'mail',
    'test',
    'me@example.org',
    '--template',
    'invitation',
    '--language',
    'de',
  ]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('Sent to me@example.org: 250 ');
  const mail = sink.received.find(({ to }) => to.includes('me@example.org'));
  expect(mail?.mail.subject).toBe('Sie sind zu id.example.org eingeladen');
});

test('mail test tells what the server refuses, and what is no address', async () => {
  sink.behaviour.refuse = () => ({ code: 550, text: 'not here' });
  const refused = await cli(env, ['mail', 'test', 'me@example.org']);
  delete sink.behaviour.refuse;
  expect([refused.code, refused.err.trim()]).toEqual([1, 'The server did not take it: 550 not here']);
  expect((await cli(env, ['mail', 'test', 'a@b@c'])).err).toContain('is no e-mail address');
});

test('mail preview prints a template with sample values', async () => {
  const subject = await cli(env, ['mail', 'preview', 'invitation', '--format', 'subject']);
  expect([subject.code, subject.out.trim()]).toEqual([0, 'You have been invited to id.example.org']);
  expect((await cli(env, ['mail', 'preview', 'nothing'])).err).toContain('there are account_confirmation, ');
});

test('mail list names who was not reached and why, and mail resend tries again; the doctor tells', async () => {
  sink.behaviour.refuse = () => ({ code: 550, text: 'mailbox full' });
  const pk = await invitation(app);
  await app.api('POST', `${INVITATIONS}${pk}/send_email/`, { email_addresses: ['full@example.org'] });
  const [row] = await settled(app, pk, ['failed']);
  delete sink.behaviour.refuse;
  const listed = await cli(env, ['mail', 'list', '--json']);
  expect(JSON.parse(listed.out)).toMatchObject([{ address: 'full@example.org', answer: '550 mailbox full' }]);
  const doctor = await cli(env, ['doctor']);
  expect(doctor.out).toContain('Mail to 1 people could not be delivered');
  const away = await cli({ ...env, VESTIBULE_SMTP_URL: 'smtp://127.0.0.1:1' }, ['doctor']);
  expect(away.out).toMatch(/The mail server 127\.0\.0\.1 cannot be used: .*ECONNREFUSED/);
  await app.api('POST', '/api/v3/stages/email/', { name: 'bound' });
  const stage = (await app.api('GET', '/api/v3/stages/email/?name=bound')).body.results[0].pk;
  const flow = (await app.api('GET', '/api/v3/flows/instances/default-invalidation-flow/')).body.pk;
  await app.api('POST', '/api/v3/flows/bindings/', { target: flow, stage, order: 90 });
  const { VESTIBULE_SMTP_URL: _url, VESTIBULE_MAIL_FROM: _from, ...without } = env;
  expect((await cli(without, ['doctor'])).out).toContain(
    'The flow default-invalidation-flow sends mail, and no server',
  );
  expect((await cli(env, ['mail', 'resend', row?.message_uuid ?? ''])).code).toBe(0);
  await settled(app, pk, ['sent']);
});
