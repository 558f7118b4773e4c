import { expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { loseSuperusers } from '../flows/builders.ts';
import { databaseUrl } from '../processes/database-url.ts';
import { startServer } from '../processes/server-process.ts';
import { cli, workplace } from './run-cli.ts';

const SECRET_KEY = 'test-secret-key-of-enough-characters-0123456789';
const LINK = /^ {2}(http:\S+\/if\/flow\/account-recovery\/\?flow_token=\w{60})$/m;

/** What the page behind the printed link says. */
async function pageOf(out: string): Promise<string> {
  return (await fetch(LINK.exec(out)?.[1] ?? '')).text();
}

test('user recover --help says what the options do, and that the rights stay without them', async () => {
  const { code, out } = await cli({}, ['user', 'recover', '--help']);
  expect(code).toBe(0);
  for (const said of ['--activate', '--superuser', 'the rights of the account stay']) expect(out).toContain(said);
});

test('user recover works on the embedded database, beside a running server and without one', async () => {
  const { env, dataDir } = await workplace();
  const server = await startServer({ dataDir });
  await server.ready();
  const listen = { ...env, VESTIBULE_LISTEN: new URL(server.url).host };
  const beside = await cli(listen, ['user', 'recover', 'akadmin']);
  expect(beside).toMatchObject({ code: 0, err: '' });
  expect(await pageOf(beside.out)).toContain('Choose a new password');
  await server.stop();

  const alone = await cli(listen, ['user', 'recover', 'akadmin', '--json']);
  expect(alone).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(alone.out)).toMatchObject({ username: 'akadmin', activated: false, superuser_by_group: null });
});

test('user recover brings the last administrator back on an external database', async () => {
  const app = await testApp();
  const { env } = await workplace();
  const external = { VESTIBULE_DATABASE_URL: databaseUrl(app.connection), VESTIBULE_SECRET_KEY: SECRET_KEY };
  await loseSuperusers(app, 'update users set is_active = false');
  await app.ctx.db.query('delete from group_members');
  const refused = await cli({ ...env, ...external }, ['user', 'recover', 'akadmin', '--superuser']);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('--activate');
  const { code, out } = await cli({ ...env, ...external }, ['user', 'recover', 'akadmin', '--activate', '--superuser']);
  expect(code).toBe(0);
  expect(out).toMatch(LINK);
  const me = await app.api('GET', '/api/v3/core/users/me/');
  expect(me.body.user).toMatchObject({ username: 'akadmin', is_active: true, is_superuser: true });
});
