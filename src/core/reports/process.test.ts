import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { administrator, bootstrap } from '../../../test/processes/administrator.ts';
import { databaseUrl } from '../../../test/processes/database-url.ts';
import { startServer } from '../../../test/processes/server-process.ts';
import { testDatabase } from '../../kernel/testing/database.ts';

test('a server makes the file of an export by itself, and serves it whole over the wire', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vestibule-export-'));
  const database = await testDatabase();
  const { token, env } = bootstrap();
  const server = await startServer({
    dataDir: directory,
    env: { ...env, VESTIBULE_DATABASE_URL: databaseUrl(database.connection) },
  });
  try {
    await server.ready();
    const admin = administrator(() => server.send, token);
    await admin.expect(201, 'POST', '/api/v3/events/events/', { action: 'login', app: 'planted' });
    const asked = await admin.expect(201, 'POST', '/api/v3/events/events/export/?action=login');
    const found = async () => (await admin.expect(200, 'GET', String(asked.headers['location']))).body;
    await expect.poll(async () => (await found()).completed, { timeout: 20_000 }).toBe(true);
    const download = await admin.expect(200, 'GET', (await found()).file_url);
    expect(download.text.split('\r\n')).toHaveLength(3);
    expect(download.text).toContain(',login,planted,');
    const head = await admin.expect(200, 'HEAD', (await found()).file_url);
    expect([head.text, head.headers['content-length']]).toEqual(['', String(download.text.length)]);
  } finally {
    await server.stop();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
});
