import { execFile } from 'node:child_process';
import { chmod, mkdir, open, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { smtpSink } from '../mail/smtp-sink.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { cli, workplace } from './run-cli.ts';

const SECRET_KEY = 'test-secret-key-of-enough-characters-0123456789';
let env: Record<string, string> = {};
let folder = '';
const sink = await smtpSink();
const app = await testApp();

/** How many invitations there are whose names begin so. */
async function count(prefix: string): Promise<number> {
  const text = 'select count(*)::int as n from invitation where starts_with(name, $1)';
  const [row] = await app.ctx.db.query<{ n: number }>(text, [prefix]);
  return row?.n ?? -1;
}

beforeAll(async () => {
  const place = await workplace();
  // A database that is there already: every command would start and stop one of its own.
  const database = { VESTIBULE_DATABASE_URL: databaseUrl(app.connection), VESTIBULE_SECRET_KEY: SECRET_KEY };
  env = { ...place.env, ...database };
  folder = join(place.dataDir, '..');
  await cli(env, ['invite', '--name', 'first']);
});

const json = async (words: readonly string[]) => {
  const { code, out, err } = await cli(env, [...words, '--json']);
  expect({ code, err }).toMatchObject({ code: 0 });
  return JSON.parse(out);
};

test('invite --help names the options of the own API, and the commands below it', async () => {
  const { code, out } = await cli(env, ['invite', '--help']);
  expect(code).toBe(0);
  const fields = ['--role', '--approval', '--account-expires', '--remind-after', '--on-behalf-of', '--redirect'];
  const words = ['--max-uses', '--secret-link', '--group', '--message', '--language', '--send', ...fields];
  for (const word of [...words, 'list', 'show', 'revoke', 'resend', 'extend', 'import', 'export', 'Examples']) {
    expect(out).toContain(word);
  }
});

test('invite with a word that is no command says so, and which commands there are', async () => {
  const { code, err } = await cli(env, ['invite', 'bogus']);
  expect([code, err.trim()]).toEqual([
    1,
    'There is no command "invite bogus". There are list, show, revoke, resend, extend, import and export; and invite itself, with options only.',
  ]);
  expect(await count('bogus')).toBe(0);
});

test('invite makes one with a limit, a secret link, a message and a language', async () => {
  const plain = [
    'invite',
    '--name',
    'crew',
    '--max-uses',
    '3',
    '--secret-link',
    '--message',
    'Hello',
    '--language',
    'de',
  ];
  const made = await json([
    ...plain,
    '--restrict-to',
    '@example.org',
    'a@example.com',
    '--email',
    'x@example.org',
    '--locked',
  ]);
  expect(made).toMatchObject({
    name: 'crew',
    max_uses: 3,
    secret_link: true,
    message: 'Hello',
    language: 'de',
    restrict_to: ['@example.org', 'a@example.com'],
    recipients: ['x@example.org'],
    locked: true,
    created_by: { username: 'akadmin' },
  });
  expect(made.link).toContain('secret=');
});

test('invite takes every field of the own API', async () => {
  const words =
    'invite --name all --single-use --expires 30d --approval --account-expires 90d --redirect /if/user/ --markdown --no-code';
  const more = ['--on-behalf-of', 'the choir', '--fixed-data', '{"name":"Ann Lee"}', '--attributes', '{"team":"a"}'];
  const mailed = ['--remind-after', '3d', '--remind-before', '12h', 'P1D', '--to', 'a@example.org', 'b@example.org'];
  const made = await json([...words.split(' '), ...more, ...mailed]);
  expect(made).toMatchObject({
    max_uses: 1,
    approval: true,
    account_expires: 'P90D',
    redirect: '/if/user/',
    message_format: 'markdown',
    on_behalf_of: 'the choir',
    fixed_data: { name: 'Ann Lee', attributes: { team: 'a' } },
    recipients: ['a@example.org', 'b@example.org'],
    reminders: [
      { when: 'after_sending', duration: 'P3D' },
      { when: 'before_expiry', duration: 'PT12H' },
      { when: 'before_expiry', duration: 'P1D' },
    ],
    has_code: false,
    code: null,
  });
  const dated = await json(['invite', '--account-expires', '2090-01-31T12:00:00Z', '--no-secret-link']);
  expect(dated).toMatchObject({ account_expires: '2090-01-31T12:00:00Z', secret_link: false, has_code: true });
});

test.each([
  [['--max-uses', '0'], '--max-uses'],
  [['--role', 'Nobodies'], 'no role Nobodies'],
  [['--remind-after', 'soon'], '--remind-after'],
  [['--account-expires', 'soon'], '--account-expires'],
  [['--redirect', 'https://example.org/'], '--redirect'],
  [['--fixed-data', '[]'], '--fixed-data'],
  [['--max-uses', '2', '--single-use'], '--single-use'],
  [['--group', 'Nobodies'], 'no group Nobodies'],
  [['--restrict-to', 'nowhere'], '--restrict-to'],
  [['--language', 'Klingon!'], '--language'],
  [['--send'], '--send'],
])('invite %j is refused in words, and makes nothing', async (words, said) => {
  const { code, err } = await cli(env, ['invite', '--name', 'refused', ...words]);
  expect(code).toBe(1);
  expect(err).toContain(said);
  expect(await count('refused')).toBe(0);
});

test('invite --send queues a mail, and show tells of it', async () => {
  const mail = { VESTIBULE_SMTP_URL: sink.url, VESTIBULE_MAIL_FROM: 'v@example.org' };
  const words = ['invite', '--name', 'mailed', '--email', 'ann@example.org', '--send', '--json'];
  const { out } = await cli({ ...env, ...mail }, words);
  const { id, queued, sent } = JSON.parse(out);
  expect([queued, sent]).toEqual([1, expect.stringMatching(/^\d{4}-/)]);
  const { deliveries } = await json(['invite', 'show', id]);
  expect(deliveries).toMatchObject([{ recipient: 'ann@example.org', state: 'queued' }]);
  const { out: text } = await cli(env, ['invite', 'show', id]);
  expect(text).toMatch(/Mailed\nkind +recipient/);
  const again = await cli({ ...env, ...mail }, ['invite', 'resend', id, '--all']);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('under way')]);
});

describe('an invitation', () => {
  test('is listed, extended and revoked, under the name of who does it', async () => {
    const { id, link } = await json(['invite', '--name', 'short', '--single-use', '--expires', '1h']);
    const extended = await json(['invite', 'extend', link, '--expires', 'never', '--more-uses', '2']);
    expect(extended).toMatchObject({ id, expires: null, max_uses: 3 });
    expect((await cli(env, ['invite', 'revoke', id])).out).toBe('Revoked.\n');
    const listed = await json(['invite', 'list', '--state', 'revoked', '--search', 'short']);
    expect(listed).toMatchObject([{ id, state: 'revoked', revoked_by: { username: 'akadmin' } }]);
    const twice = await cli(env, ['invite', 'revoke', id]);
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('revoked')]);
  });

  test('that there is not, and no id at all, are refused in words', async () => {
    const nowhere = await cli(env, ['invite', 'show', '00000000-0000-4000-8000-000000000000']);
    expect(nowhere.code).toBe(1);
    const other = await cli(env, ['invite', 'list', '--single-use']);
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('no option --single-use')]);
    const { code, err } = await cli(env, ['invite', 'show', 'alice']);
    expect([code, err]).toEqual([1, expect.stringContaining('invite list')]);
  });

  test('list takes no more than it is told, and prints a table', async () => {
    const { out } = await cli(env, ['invite', 'list', '--limit', '1', '--flow', 'invitation-enrollment-flow']);
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(out).toMatch(/^id +state +name/);
  });
});

test('a command of invite that does not exist makes no invitation', async () => {
  const { code, err } = await cli(env, ['invite', 'lst']);
  expect(code).not.toBe(0);
  expect(err).not.toBe('');
});

describe('import', () => {
  test('makes the rows of a CSV without a server, and writes their links for its owner only', async () => {
    const file = join(folder, 'people.csv');
    const result = join(folder, 'links.csv');
    await writeFile(file, 'name,email,max_uses\nimp-a,a@example.org,1\nimp-b,b@example.org,1\n');
    const dry = await cli(env, ['invite', 'import', file, '--dry-run']);
    expect(dry.out).toContain('nothing was made');
    expect(await count('imp-')).toBe(0);
    const done = await cli(env, ['invite', 'import', file, '--result', result]);
    expect(done.out).toBe('2 invitations were made.\n');
    expect((await readFile(result, 'utf8')).match(/itoken=/g)).toHaveLength(2);
    expect((await stat(result)).mode & 0o077).toBe(0);
    expect(await count('imp-')).toBe(2);
    const { out } = await cli(env, ['invite', 'export', '--search', 'imp-']);
    expect(out.trim().split('\n')).toHaveLength(3);
    expect(await json(['invite', 'export', '--format', 'json', '--search', 'imp-'])).toHaveLength(2);
    await writeFile(file, out);
    expect((await cli(env, ['invite', 'import', file, '--dry-run'])).out).toContain('2 invitations are good');
  });

  test.each([
    ['of that name', 'old.csv'],
    ['behind a link of that name', 'link.csv'],
  ])('makes a file %s its owner’s only, and tells nothing to who has it open', async (_which, name) => {
    const place = join(folder, name.split('.')[0] ?? '');
    await mkdir(place);
    const [file, old] = [join(place, 'row.csv'), join(place, 'old.csv')];
    await writeFile(file, `name\nover-${name.split('.')[0]}\n`);
    await writeFile(old, 'what was there');
    await chmod(old, 0o644);
    if (name !== 'old.csv') await symlink('old.csv', join(place, name));
    const reader = await open(old);
    const { code, err } = await cli(env, ['invite', 'import', file, '--result', join(place, name)]);
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(await reader.readFile('utf8')).toBe('what was there');
    await reader.close();
    expect((await stat(old)).mode & 0o777).toBe(0o600);
    expect(await readFile(old, 'utf8')).toContain('itoken=');
    expect((await readdir(place)).toSorted()).toEqual([...new Set([name, 'old.csv', 'row.csv'])].toSorted());
  });

  test('says so when the result cannot be written', async () => {
    const file = join(folder, 'nowhere.csv');
    await writeFile(file, 'name\nnowhere-a\n');
    const { code, err } = await cli(env, ['invite', 'import', file, '--result', join(folder, 'none', 'links.csv')]);
    expect([code, err]).toEqual([1, expect.stringContaining('links.csv cannot be written: ENOENT')]);
  });

  test('writes the result into a pipe as it is', async () => {
    const [file, pipe] = [join(folder, 'piped.csv'), join(folder, 'pipe')];
    await writeFile(file, 'name\npiped-a\n');
    await promisify(execFile)('mkfifo', [pipe]);
    const reading = readFile(pipe, 'utf8');
    expect((await cli(env, ['invite', 'import', file, '--result', pipe])).code).toBe(0);
    expect((await stat(pipe)).isFIFO()).toBe(true);
    expect(await reading).toContain('itoken=');
  });

  test('names the line of a wrong row, and with --all-or-nothing makes none', async () => {
    const file = join(folder, 'wrong.csv');
    await writeFile(file, 'name,max_uses\nbad-a,1\nbad b,1\n');
    const { code, err } = await cli(env, ['invite', 'import', file, '--all-or-nothing']);
    expect(code).toBe(1);
    expect(err).toBe(
      'Row 2, line 3: name: This must be of letters, digits, hyphens and underscores.\n' +
        '1 of 2 rows are wrong. Nothing was made.\n',
    );
    expect(await count('bad')).toBe(0);
    expect((await cli(env, ['invite', 'import', file])).err).toContain('1 of 2 rows are wrong. 1 were made.');
    expect(await count('bad')).toBe(1);
    expect((await cli(env, ['invite', 'import', join(folder, 'none.csv')])).err).toContain('cannot be read');
  });
});
