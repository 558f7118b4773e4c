import { chmod, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openServer } from '../../src/installation.ts';
import { loadConfig } from '../../src/kernel/config/config.ts';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { cli, setUp, workplace } from './run-cli.ts';

let env: Record<string, string> = {};
let dataDir = '';

/** Runs the doctor. Out: what it found and its exit code. */
async function examine(more: Record<string, string> = {}): Promise<{ code: number | null; findings: string[] }> {
  const { code, out } = await cli({ ...env, ...more }, ['doctor', '--json']);
  return { code, findings: JSON.parse(out).findings };
}

async function change(sql: string): Promise<void> {
  const config = loadConfig({ VESTIBULE_DATA_DIR: dataDir });
  const server = await openServer({ config, log: silentLogger });
  const db = openDatabase({ connection: server.connection, log: silentLogger });
  await db.query(sql);
  await db.close();
  await server.stop();
}

beforeAll(async () => {
  ({ env, dataDir } = await workplace());
  const password = { VESTIBULE_BOOTSTRAP_PASSWORD: 'a long password' };
  await setUp({ ...env, ...password });
  await cli(env, ['invite', '--name', 'open']);
});

test('nothing is wrong with a fresh installation, and the doctor says so', async () => {
  const { code, out } = await cli(env, ['doctor']);
  expect(out).toBe('Nothing is wrong.\n');
  expect(code).toBe(0);
});

describe('the doctor finds', () => {
  test.each([
    [{ VESTIBULE_LISTEN: ':9000' }, 'without VESTIBULE_PUBLIC_URL'],
    [{ VESTIBULE_PUBLIC_URL: 'https://id.example.org' }, 'VESTIBULE_TRUSTED_PROXIES'],
    [{ VESTIBULE_PUBLIC_URL: 'http://id.example.org' }, 'in the clear'],
    [{ VESTIBULE_METRICS_LISTEN: ':9300' }, 'VESTIBULE_METRICS_LISTEN'],
    [{ VESTIBULE_LISTN: ':9300' }, 'VESTIBULE_LISTN is unknown'],
    [{ VESTIBULE_DATABASE_URL: 'postgres://nobody:planted@127.0.0.1:1/none' }, 'The database cannot be asked'],
  ])('%j', async (more, said) => {
    const { code, findings } = await examine(more);
    expect(code).toBe(1);
    expect(findings.join('\n')).toContain(said);
    expect(findings.join('\n')).not.toContain('planted');
  });

  test('a secret key that others may read', async () => {
    const key = join(dataDir, 'secret.key');
    await chmod(key, 0o644);
    expect(await examine()).toEqual({ code: 1, findings: [`Others may read the secret key: run "chmod 600 ${key}".`] });
    expect((await cli(env, ['doctor'])).err).toBe('One thing is wrong.\n');
    await chmod(key, 0o600);
  });

  test('another secret key than that of the database', async () => {
    const { code, findings } = await examine({ VESTIBULE_SECRET_KEY: 'another-key-of-enough-characters-0123456789' });
    expect(code).toBe(1);
    expect(findings.join()).toContain('is not the key that this database was set up with');
    const key = join(dataDir, 'secret.key');
    await rename(key, `${key}.away`);
    expect((await examine()).findings).toEqual([
      `${key} is missing: restore it from where you keep it. A new one fits a new database only.`,
    ]);
    await rename(`${key}.away`, key);
  });

  test('a data directory where nothing was started, and makes nothing there', async () => {
    const nowhere = join(dataDir, 'nowhere');
    const { findings } = await examine({ VESTIBULE_DATA_DIR: nowhere });
    expect(findings.join()).toContain(`${nowhere} does not exist`);
    await expect(stat(nowhere)).rejects.toThrow('ENOENT');
  });

  test('an invitation whose flow does not take it, a superuser without password, a missing migration', async () => {
    await change(
      `delete from flow_stage_binding b using stage s, flow f where s.stage_uuid = b.stage and f.flow_uuid = b.target
       and s.type = 'invitation' and f.slug = 'invitation-enrollment-flow'`,
    );
    await change(`update users set password = '!'`);
    expect((await examine()).findings).toEqual([
      'Superusers without a password: akadmin. Set one: "vestibule user set-password <username>".',
      'The flow invitation-enrollment-flow of 2 open invitations has no invitation stage.',
    ]);
    await change(`delete from vestibule_migration where name like '%create-invitation'`);
    expect((await examine()).findings.join()).toContain('lacks 1 migrations');
  });
});
