import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clientConfig } from '../../src/kernel/db/connection.ts';
import { findRunning } from '../../src/kernel/db/embedded/index.ts';
import { copyTree } from './copied-tree.ts';
import type { CopiedTree } from './copied-tree.ts';
import { serveTree } from './served-tree.ts';
import type { ServedTree } from './served-tree.ts';

const FLOWS = '/api/v3/flows/instances/';
let tree: CopiedTree;
let server: ServedTree;
let database: pg.Client;

beforeAll(async () => {
  tree = copyTree();
  tree.run('scripts/build.mjs');
  server = await serveTree(tree.root);
  const connection = await findRunning(server.dataDir);
  if (!connection) throw new Error('No embedded database runs.');
  database = new pg.Client(clientConfig(connection, { statementTimeoutMs: 10_000 }));
  await database.connect();
}, 240_000);

afterAll(async () => {
  await database?.end();
  await server?.stop();
  tree?.remove();
});

/** Makes a stage of a kind and a flow of it alone. */
async function flowOf(kind: string, settings: object) {
  const slug = `flow-of-${kind}-${Math.random().toString(36).slice(2)}`;
  const flow = { name: slug, slug, title: 'A probe', designation: 'stage_configuration', authentication: 'none' };
  const { pk: target } = (await server.api('POST', FLOWS, flow)).body;
  const made = await server.api('POST', `/api/v3/stages/${kind}/`, { name: slug, ...settings });
  if (made.status !== 201) throw new Error(made.text);
  await server.api('POST', '/api/v3/flows/bindings/', { target, stage: made.body.pk, order: 0 });
  return { slug, stage: made.body };
}

const question = { question: 'What is the answer?', expected: '42' };

test('nothing outside the added folders was edited', () => {
  expect(tree.added).toEqual(['src/features/stages/plain-probe', 'src/features/stages/probe']);
  expect(tree.changes()).toEqual([]);
});

test('the added folders obey the import rules', () => {
  const said = tree.importRules();
  expect(said).toMatch(/ (\d+) modules read, \1 source files/);
  expect(said).not.toMatch(/stages\/(plain-)?probe/);
});

test('its page is sound TypeScript in the browser project', () => {
  expect(tree.run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.web.json')).toBe('');
});

test('its migrations were applied', async () => {
  const { rows } = await database.query(`select name from vestibule_migration where name like '%probe%' order by name`);
  expect(rows.map(({ name }) => name)).toEqual([
    '99990101-0000-create-probe-stage',
    '99990101-0001-create-plain-probe-stage',
  ]);
});

test('its type is among those that can be created', async () => {
  const { body } = await server.api('GET', '/api/v3/stages/all/types/');
  expect(body).toContainEqual({
    name: 'Probe Stage',
    description: 'Asks a question and passes when the answer is right.',
    component: 'ak-stage-probe-form',
    model_name: 'probestage',
    requires_enterprise: false,
    deprecated: false,
  });
});

test('its resource is served: created, listed, filtered, validated, and found among all stages', async () => {
  const { slug, stage } = await flowOf('probe', question);
  expect(stage).toMatchObject({ ...question, answers: 0, component: 'ak-stage-probe-form' });
  const list = await server.api('GET', `/api/v3/stages/probe/?name=${slug}`);
  expect(list.body.results.map(({ pk }: { pk: string }) => pk)).toEqual([stage.pk]);
  const invalid = await server.api('POST', '/api/v3/stages/probe/', { name: 'x', question: '' });
  expect(invalid.status).toBe(400);
  expect(Object.keys(invalid.body)).toEqual(['question', 'expected']);
  const any = await server.api('GET', `/api/v3/stages/all/${stage.pk}/`);
  expect(any.body).toMatchObject({ verbose_name: 'Probe Stage', meta_model_name: 'vestibule_stages_probe.probestage' });
});

test('its permissions are asked for: who has none gets 403', async () => {
  const user = await server.api('POST', '/api/v3/core/users/', { username: 'nobody', name: 'Nobody', path: 'users' });
  const token = { identifier: 'nobody', user: user.body.pk, intent: 'api', expiring: false };
  expect((await server.api('POST', '/api/v3/core/tokens/', token)).status).toBe(201);
  const { key } = (await server.api('GET', '/api/v3/core/tokens/nobody/view_key/')).body;
  const headers = { authorization: `Bearer ${key}` };
  expect((await server.jar().ask('GET', '/api/v3/stages/probe/', { headers })).status).toBe(403);
  expect((await server.jar().ask('GET', '/api/v3/core/users/me/', { headers })).status).toBe(200);
});

test('its components, operations and challenge are in our document', async () => {
  const { paths, components } = JSON.parse((await server.api('GET', '/api/v3/schema/?format=json')).text);
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/stages/probe/', '/stages/probe/{stage_uuid}/']));
  expect(Object.keys(components.schemas)).toEqual(
    expect.arrayContaining([
      'ProbeStage',
      'ProbeStageRequest',
      'PatchedProbeStageRequest',
      'PaginatedProbeStageList',
      'ProbeChallenge',
      'ProbeChallengeResponseRequest',
    ]),
  );
  expect(components.schemas.ChallengeTypes.discriminator.mapping).toMatchObject({
    'ak-stage-probe': '#/components/schemas/ProbeChallenge',
  });
});

test('its task is known to the scheduler', async () => {
  const crontabs = 'select identifier from graphile_worker._private_known_crontabs where identifier = $1';
  expect((await database.query(crontabs, ['probe.count'])).rowCount).toBe(1);
});

test('its command is part of the program and works beside the server', () => {
  expect(tree.run('dist/main.js', '--help')).toContain('probe');
  expect(JSON.parse(tree.run('dist/main.js', '--json', 'probe', 'answers'))).toEqual({ answers: expect.any(Number) });
});

test('the table of features shows its folder and address', () => {
  const rows = JSON.parse(tree.run('dist/main.js', '--json', 'features'));
  expect(rows).toContainEqual({
    folder: 'features/stages/probe',
    provides: '1 resource, 1 stage, 1 task, 1 command, 1 event-action',
    urls: ['/stages/probe/'],
  });
});

test('its page and its words are in the browser bundle', () => {
  const assets = join(tree.root, 'dist/web/flow/assets');
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
  const bundle = scripts.map((name) => readFileSync(join(assets, name), 'utf8')).join('\n');
  for (const text of ['ak-stage-probe', 'Your answer to the probe', 'Ihre Antwort an die Probe']) {
    expect(bundle).toContain(text);
  }
});

test('a flow of it completes by the executor, with its event and its task', async () => {
  const { slug, stage } = await flowOf('probe', question);
  const jar = server.jar();
  const asked = await jar.open(slug);
  expect(asked.body).toMatchObject({ component: 'ak-stage-probe', question: question.question });
  const wrong = await jar.answer(slug, { answer: '41' });
  expect(wrong.body.response_errors).toEqual({ answer: [{ string: 'That is not it.', code: 'invalid' }] });
  const right = await jar.answer(slug, { answer: '42' });
  expect(right.body).toMatchObject({ component: 'xak-flow-redirect', to: '/' });
  const events = `select from event where context ->> 'action' = 'probe_answered' and context -> 'stage' ->> 'name' = $1`;
  expect((await database.query(events, [slug])).rowCount).toBe(1);
  await vi.waitFor(
    async () => expect((await server.api('GET', `/api/v3/stages/probe/${stage.pk}/`)).body.answers).toBe(1),
    { timeout: 20_000, interval: 200 },
  );
});

test('its page is shown in both languages, and works as a plain form', async () => {
  const { slug } = await flowOf('probe', question);
  const jar = server.jar();
  const url = `/if/flow/${slug}/`;
  const german = await jar.get(url, { headers: { 'accept-language': 'de' } });
  expect(german.text).toContain('Ihre Antwort an die Probe');
  expect((await jar.get(url)).text).toContain('Your answer to the probe');
  expect((await jar.form(url, { answer: '41' })).text).toContain('That is not it.');
  const done = await jar.ask('POST', url, {
    payload: new URLSearchParams({ answer: '42' }).toString(),
    type: 'application/x-www-form-urlencoded',
  });
  expect(done.status).toBe(303);
});

test('a stage without a page of its own is shown by the default form and works as a plain form', async () => {
  const { slug } = await flowOf('plain_probe', {});
  const jar = server.jar();
  const url = `/if/flow/${slug}/`;
  const page = (await jar.get(url)).text;
  expect(page).toContain('The default form shows this.');
  expect(page).toContain('A word of the plain probe');
  expect(page).toMatch(/<input[^>]*name="word"/);
  expect((await jar.form(url, { word: '' })).text).toContain('This field may not be blank.');
  const done = await jar.ask('POST', url, {
    payload: new URLSearchParams({ word: 'hello' }).toString(),
    type: 'application/x-www-form-urlencoded',
  });
  expect(done.status).toBe(303);
});
