import { beforeAll, describe, expect, test } from 'vitest';
import { openServer } from '../../src/installation.ts';
import { loadConfig } from '../../src/kernel/config/config.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { cli, setUp, workplace } from './run-cli.ts';

let env: Record<string, string> = {};

beforeAll(async () => {
  ({ env } = await workplace());
});

describe('without an installation', () => {
  test('--help names every command and where the configuration comes from', async () => {
    const { code, out } = await cli(env, ['--help']);
    expect(code).toBe(0);
    for (const word of ['serve', 'migrate', 'features', 'invite', 'token', 'user', 'VESTIBULE_DATABASE_URL']) {
      expect(out).toContain(word);
    }
  });

  test('a command that does not exist is refused with a pointer to the help', async () => {
    const { code, err } = await cli(env, ['frobnicate']);
    expect(code).toBe(1);
    expect(err).toBe('There is no command frobnicate; "vestibule --help" lists them.\n');
  });

  test('features lists every folder with its URLs, as JSON too', async () => {
    const { out } = await cli(env, ['features', '--json']);
    const rows: { folder: string; urls: string[] }[] = JSON.parse(out);
    const invitation = rows.find((row) => row.folder === 'features/stages/invitation');
    expect(invitation?.urls).toContain('/stages/invitation/invitations/');
    expect(rows.map((row) => row.folder)).toContain('core/flows');
  });

  test.each([
    ['VESTIBULE_LISTN', '127.0.0.1:1', 'VESTIBULE_LISTEN'],
    ['VESTIBULE_LOG_LEVEL', 'loud', 'debug'],
    ['VESTIBULE_PUBLIC_URL', 'ftp://x', 'VESTIBULE_PUBLIC_URL'],
  ])('the start stops at %s=%s with a line that says %s', async (name, value, said) => {
    const { code, err } = await cli({ ...env, [name]: value }, ['serve']);
    expect(code).toBe(1);
    expect(err).toContain(name);
    expect(err).toContain(said);
  });
});

describe('on an installation', () => {
  beforeAll(() => setUp(env));

  test('invite makes an invitation to the default flow', async () => {
    const { code, out, err } = await cli(env, ['invite', '--name', 'alice', '--email', 'a@example.org', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ name: 'alice', flow: 'invitation-enrollment-flow', expires: null });
  });

  test('invite prints the link alone', async () => {
    const { out, err } = await cli(env, ['invite', '--name', 'bob', '--single-use', '--expires', '7d']);
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/if\/flow\/invitation-enrollment-flow\/\?itoken=[-0-9a-f]{36}\n$/);
    expect(err).not.toContain('flow_token');
  });

  test.each([
    [['--name', 'a b'], '--name'],
    [['--flow', 'nope'], 'no flow nope'],
    [['--expires', 'soon'], '--expires'],
    [['--attributes', '[1]'], '--attributes'],
    [['--as', 'nobody'], 'no user nobody'],
  ])('invite %j is refused in words', async (words, said) => {
    const { code, out, err } = await cli(env, ['invite', ...words]);
    expect(code).toBe(1);
    expect(err).toContain(said);
    expect(out).toBe('');
  });

  test('token create prints a key once and refuses a second token of that name', async () => {
    const first = await cli(env, ['token', 'create', 'terraform']);
    expect(first.out).toMatch(/^[A-Za-z0-9]{60}\n$/);
    const second = await cli(env, ['token', 'create', 'terraform']);
    expect(second.code).toBe(1);
    expect(second.err).toContain('exists already');
  });

  test('user set-password reads the password from standard input and never prints it', async () => {
    const { code, out, err } = await cli(env, ['user', 'set-password', 'akadmin'], 'a new long password\n');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(out + err).not.toContain('a new long password');
  });

  test('migrate --check says that nothing is pending', async () => {
    const { code, out } = await cli(env, ['migrate', '--check', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ pending: [] });
  });
});

test('migrate --check lists what is pending and exits with 1', async () => {
  const fresh = await workplace();
  const config = loadConfig({ VESTIBULE_DATA_DIR: fresh.dataDir });
  await (await openServer({ config, log: silentLogger, creates: true })).stop();
  const { code, out } = await cli(fresh.env, ['migrate', '--check']);
  expect(code).toBe(1);
  expect(out).toContain('create-invitation');
  const applied = await cli(fresh.env, ['migrate']);
  expect(applied.code).toBe(0);
  expect((await cli(fresh.env, ['migrate', '--check'])).code).toBe(0);
});
