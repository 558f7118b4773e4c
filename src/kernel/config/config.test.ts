import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError, describeVariables, loadConfig } from './config.ts';
import { variables } from './variables.ts';

const names = Object.values(variables).map(({ name }) => `VESTIBULE_${name}`);

function faults(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}

test('an empty environment gives the defaults, frozen', () => {
  const config = loadConfig({});
  expect(config).toEqual({
    listen: { host: '127.0.0.1', port: 9000 },
    publicUrl: undefined,
    databaseUrl: undefined,
    databasePool: 10,
    dataDir: './data',
    secretKey: undefined,
    bootstrapEmail: undefined,
    bootstrapPassword: undefined,
    bootstrapToken: undefined,
    shutdownDelay: 0,
    trustedProxies: [],
    addressFailures: 100,
    mailLanguage: 'en',
    mailDailyBudget: 1000,
    outboundAllow: [],
    worker: true,
    logLevel: 'info',
    logFormat: process.stderr.isTTY ? 'text' : 'json',
    invitationsSurviveInactiveCreator: false,
    invitationRetention: 365,
    apiRateLimit: 6000,
    sessionCookieSameSite: 'lax',
  });
  for (const part of [config, config.listen, config.trustedProxies]) expect(Object.isFrozen(part)).toBe(true);
});

test('every variable is read', () => {
  const env = {
    VESTIBULE_LISTEN: '[::1]:80',
    VESTIBULE_METRICS_LISTEN: ':9300',
    VESTIBULE_PUBLIC_URL: 'https://ID.example.org:443/',
    VESTIBULE_DATABASE_URL: 'postgres://u:p@db/v',
    VESTIBULE_DATABASE_POOL: '4',
    VESTIBULE_DATA_DIR: '/var/lib/vestibule',
    VESTIBULE_SECRET_KEY: 's'.repeat(32),
    VESTIBULE_BOOTSTRAP_EMAIL: 'root@example.org',
    VESTIBULE_BOOTSTRAP_PASSWORD: 'correct horse',
    VESTIBULE_BOOTSTRAP_TOKEN: 't'.repeat(20),
    VESTIBULE_SHUTDOWN_DELAY: '5',
    VESTIBULE_TRUSTED_PROXIES: '10.0.0.0/8, ::1,192.0.2.1',
    VESTIBULE_ADDRESS_FAILURES: '30',
    VESTIBULE_SMTP_URL: 'smtp://u%40x:p%3Aw@mail.example.org?name=id.example.org',
    VESTIBULE_MAIL_FROM: 'Vestibule <no-reply@example.org>',
    VESTIBULE_MAIL_LANGUAGE: 'de',
    VESTIBULE_MAIL_TEMPLATES: '/etc/vestibule/mail',
    VESTIBULE_MAIL_DAILY_BUDGET: '50',
    VESTIBULE_OUTBOUND_ALLOW: '10.0.0.0/8, ::1',
    VESTIBULE_WORKER: 'false',
    VESTIBULE_LOG_LEVEL: 'debug',
    VESTIBULE_LOG_FORMAT: 'text',
    VESTIBULE_INVITATIONS_SURVIVE_INACTIVE_CREATOR: 'true',
    VESTIBULE_SECRET_LINKS: 'true',
    VESTIBULE_INVITATION_RETENTION: '30',
    VESTIBULE_API_RATE_LIMIT: '100',
    VESTIBULE_SESSION_COOKIE_SAMESITE: 'none',
  };
  expect(Object.keys(env)).toEqual(names);
  expect(Object.values(loadConfig(env))).toEqual([
    { host: '::1', port: 80 },
    { host: '0.0.0.0', port: 9300 },
    'https://id.example.org',
    'postgres://u:p@db/v',
    4,
    '/var/lib/vestibule',
    's'.repeat(32),
    'root@example.org',
    'correct horse',
    't'.repeat(20),
    5,
    ['10.0.0.0/8', '::1', '192.0.2.1'],
    30,
    {
      host: 'mail.example.org',
      port: 587,
      secure: false,
      auth: { user: 'u@x', pass: 'p:w' },
      requireTls: true,
      verifies: true,
      name: 'id.example.org',
    },
    { name: 'Vestibule', address: 'no-reply@example.org' },
    'de',
    '/etc/vestibule/mail',
    50,
    ['10.0.0.0/8', '::1'],
    false,
    'debug',
    'text',
    true,
    true,
    30,
    100,
    'none',
  ]);
});

test('a mail server needs an address to send from', () => {
  expect(faults({ VESTIBULE_SMTP_URL: 'smtp://localhost' })).toEqual([
    'VESTIBULE_MAIL_FROM is needed with VESTIBULE_SMTP_URL: an e-mail address, or Name <address>.',
  ]);
});

test('a password crosses no network without TLS, unless somebody says so', () => {
  const requires = (url: string) => loadConfig({ VESTIBULE_SMTP_URL: url, VESTIBULE_MAIL_FROM: 'a@example.org' });
  expect(requires('smtp://u:p@mail.example.org').smtpUrl?.requireTls).toBe(true);
  expect(requires('smtp://mail.example.org').smtpUrl?.requireTls).toBe(false);
  expect(requires('smtp://u:p@127.0.0.1:25').smtpUrl?.requireTls).toBe(false);
  expect(requires('smtp://u:p@mail.example.org?require_tls=false').smtpUrl?.requireTls).toBe(false);
  expect(requires('smtps://mail.example.org').smtpUrl).toMatchObject({ port: 465, secure: true });
});

describe('a malformed variable stops the start', () => {
  test.each([
    [
      'LISTEN',
      [
        '9000',
        'host',
        '127.0.0.1:',
        '127.0.0.1:65536',
        '127.0.0.1:-1',
        '::1:9000',
        '[127.0.0.1]:1',
        '256.1.1.1:80',
        'a b:1',
        'http://x:1',
      ],
    ],
    [
      'PUBLIC_URL',
      [
        'id.example.org',
        'ftp://x',
        'javascript:alert(1)',
        'https://x/path',
        'https://x/?',
        'https://x/#',
        'https://u:p@x',
        'https://',
      ],
    ],
    ['DATABASE_URL', ['mysql://x', 'postgres://', 'localhost', 'postgres:// x']],
    [
      'SMTP_URL',
      [
        'mail.example.org',
        'http://x',
        'smtp://',
        'smtp://x/path',
        'smtp://:p@x',
        'smtp://u%0D:p@x',
        'smtp://x?verify=maybe',
        'smtp://x?pool=true',
      ],
    ],
    ['MAIL_FROM', ['nobody', 'A <b>', 'A\r\nBcc: c@example.org <a@example.org>', '"a b"@example.org']],
    ['MAIL_LANGUAGE', ['fr', 'EN']],
    ['MAIL_DAILY_BUDGET', ['0', '-1', 'many']],
    ['OUTBOUND_ALLOW', ['', 'localhost', '10.0.0.0/33', '10.0.0.1,']],
    ['WORKER', ['1', 'yes']],
    ['DATABASE_POOL', ['0', '1', '1001', 'ten', '1e2', '5.5', '-5', ' 5']],
    ['DATA_DIR', [' ', '\0']],
    ['SECRET_KEY', ['s'.repeat(31)]],
    ['BOOTSTRAP_EMAIL', ['root', 'a b@c.de']],
    ['BOOTSTRAP_PASSWORD', ['1234567', 'x'.repeat(1025)]],
    ['BOOTSTRAP_TOKEN', ['t'.repeat(19), `${'t'.repeat(20)} `, `${'t'.repeat(20)}ü`]],
    [
      'TRUSTED_PROXIES',
      [
        '10.0.0.0/33',
        '::/129',
        '10.0.0',
        'localhost',
        '10.0.0.1,',
        '10.0.0.1 10.0.0.2',
        '10.0.0.0/8/8',
        'fe80::1%eth0',
        '*',
      ],
    ],
    ['LOG_LEVEL', ['trace', 'INFO', '3', 'constructor']],
    ['LOG_FORMAT', ['pretty']],
    ['INVITATIONS_SURVIVE_INACTIVE_CREATOR', ['yes', '1', 'True']],
    ['SESSION_COOKIE_SAMESITE', ['strict']],
  ] as const)('%s is named, with what is allowed', (name, values) => {
    for (const value of ['', ...values]) {
      const lines = faults({ [`VESTIBULE_${name}`]: value });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(new RegExp(`^VESTIBULE_${name} is (empty|malformed); allowed: .{6,}\\.$`));
    }
  });

  test('an embeddable session cookie needs an https public URL (D19)', () => {
    const none = { VESTIBULE_SESSION_COOKIE_SAMESITE: 'none' };
    expect(faults(none)).toEqual([expect.stringContaining('VESTIBULE_SESSION_COOKIE_SAMESITE')]);
    expect(faults({ ...none, VESTIBULE_PUBLIC_URL: 'http://id.example.org' })).toHaveLength(1);
    expect(faults({ ...none, VESTIBULE_PUBLIC_URL: 'https://id.example.org' })).toEqual([]);
  });

  test('all faulty variables are named at once, and no secret is shown', () => {
    const secrets = {
      VESTIBULE_SECRET_KEY: 'hunter2',
      VESTIBULE_BOOTSTRAP_PASSWORD: 'pw-tiny',
      VESTIBULE_BOOTSTRAP_TOKEN: 'tiny token with blanks',
      VESTIBULE_DATABASE_URL: 'mysql://root:hunter3@db',
      VESTIBULE_SECRETKEY: 'hunter4',
    };
    const lines = faults(secrets);
    expect(lines).toHaveLength(5);
    for (const value of Object.values(secrets)) expect(lines.join('\n')).not.toContain(value);
  });
});

describe('an unknown variable stops the start', () => {
  test('and is named with the nearest known name and what that allows', () => {
    expect(faults({ VESTIBULE_LISTN: 'x' })).toEqual([
      'VESTIBULE_LISTN is unknown; the nearest known name is VESTIBULE_LISTEN (allowed: host:port, [IPv6]:port, or :port for every IPv4 address).',
    ]);
    expect(faults({ VESTIBULE_DB_URL: 'x' })[0]).toMatch(/VESTIBULE_(DATABASE|PUBLIC|SMTP)_URL/);
    expect(faults({ VESTIBULE_listen: ':1' })[0]).toContain('VESTIBULE_LISTEN');
  });

  test('one wrong letter in any name still finds that name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), (name, at) => {
        const place = 'VESTIBULE_'.length + (at % (name.length - 'VESTIBULE_'.length));
        const wrong = `${name.slice(0, place)}#${name.slice(place + 1)}`;
        expect(faults({ [wrong]: 'x' })[0]).toContain(`the nearest known name is ${name} (`);
      }),
    );
  });

  test('but those of other programs and of the test suite are left alone', () => {
    expect(faults({ PATH: '/bin', LISTEN: 'x', VESTIBULE_TEST_ROUNDS: '200', MY_VESTIBULE_X: '1' })).toEqual([]);
  });
});

test('the table of variables has a row for each, with its default', () => {
  const rows = describeVariables().trim().split('\n').slice(2);
  expect(rows.map((row) => /^\| `([^`]+)` \|/.exec(row)?.[1])).toEqual(names);
  for (const row of rows) expect(row.split('|')).toHaveLength(6);
});
