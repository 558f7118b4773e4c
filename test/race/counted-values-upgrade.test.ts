import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { discoverFeatures } from '../../src/installation.ts';
import { migrate } from '../../src/kernel/db/migrate.ts';
import { openDatabase } from '../../src/kernel/db/pool.ts';
import type { Database } from '../../src/kernel/db/types.ts';
import { testDatabase } from '../../src/kernel/testing/database.ts';
import type { TestDatabase } from '../../src/kernel/testing/database.ts';
import { silentLogger } from '../../src/kernel/testing/silent-logger.ts';
import { administrator, bootstrap, INVITATIONS } from '../processes/administrator.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { startServer } from '../processes/server-process.ts';
import type { ServerProcess } from '../processes/server-process.ts';

/** The first migration that knows of counters of values. */
const NEW = '20261129-2000';
const ROWS = 6000;

let directory: string;
let database: TestDatabase;
let db: Database;
let server: ServerProcess | undefined;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vestibule-counted-'));
  database = await testDatabase();
  db = openDatabase({ connection: database.connection, log: silentLogger, maxConnections: 3 });
});
afterAll(async () => {
  await server?.stop();
  await db?.close();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

test('an installation whose invitations are there already counts their values exactly after the upgrade, while others write', async () => {
  const { migrations } = await discoverFeatures();
  const former = new Map([...migrations].filter(([name]) => name < NEW));
  expect(former.size).toBeLessThan(migrations.size);
  await migrate({ connection: database.connection, files: former, log: silentLogger });
  const [user] = await db.query<{ id: number }>(`insert into users (username) values ('early') returning id`);
  await db.query(
    `insert into invitation (name, created_by, used_up)
     select 'welcome', $1, case when n % 6 = 0 then now() end from generate_series(1, $2) n`,
    [user?.id ?? 0, ROWS],
  );

  const { token, env } = bootstrap();
  server = await startServer({
    dataDir: directory,
    env: { ...env, VESTIBULE_DATABASE_URL: databaseUrl(database.connection), VESTIBULE_DATABASE_POOL: '5' },
  });
  const started = server;
  let over = false;
  // As a process of the former release does it meanwhile.
  const writing = (async () => {
    let made = 0;
    while (!over) {
      await db.query(`insert into invitation (name, created_by) values ('welcome', $1)`, [user?.id ?? 0]).then(
        () => (made += 1),
        // The migration has the table.
        () => undefined,
      );
      await pause(5);
    }
    return made;
  })();
  await started.ready();
  const admin = administrator(() => started.send, token);
  const count = async (): Promise<number> =>
    (await admin.expect(200, 'GET', `${INVITATIONS}?name=welcome`)).body.pagination.count;
  expect(await count()).toBeGreaterThanOrEqual((ROWS / 6) * 5);
  const named = () => db.query<{ exact: boolean }>('select exact from counted_value');
  expect(await named()).toHaveLength(1);
  while (!(await named())[0]?.exact) await pause(50);
  await pause(200);
  over = true;
  const made = await writing;
  expect(made).toBeGreaterThan(0);
  expect(await count()).toBe((ROWS / 6) * 5 + made);
}, 120_000);
