import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { testApp } from '../app.ts';
import { ENROLLMENT, FLOWS, FLOW_BINDINGS } from './urls.ts';

const app = await testApp({ env: { VESTIBULE_PUBLIC_URL: 'https://id.example.org' } });

class KeyOf {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

type Entry = {
  model: string;
  id: string;
  state: string;
  identifiers: Record<string, unknown>;
  attrs: Record<string, unknown>;
};

async function exported(slug: string): Promise<{ text: string; version: number; metadata: object; entries: Entry[] }> {
  const answer = await app.api('GET', `${FLOWS}${slug}/export/`, undefined, { headers: { accept: '*/*' } });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-disposition']).toBe(`attachment; filename="${slug}.yaml"`);
  const tag = { tag: '!KeyOf', resolve: (id: string) => new KeyOf(id) };
  return { text: answer.text, ...parse(answer.text, { customTags: [tag] }) };
}

/** Every `!KeyOf` in a value, however deep. */
function referencesIn(value: unknown): string[] {
  if (value instanceof KeyOf) return [value.id];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(referencesIn) : [];
}

const KINDS: readonly RegExp[] = [
  /^authentik_flows\.flow$/,
  /^authentik_stages_prompt\.prompt$/,
  /^authentik_policies_/,
  /^authentik_stages_\w+\.\w+stage$/,
  /^authentik_flows\.flowstagebinding$/,
  /^authentik_policies\.policybinding$/,
];

test('a flow is exported in the contract’s order, each reference after what it refers to', async () => {
  const flow = (await app.api('GET', `${FLOWS}${ENROLLMENT}/`)).body;
  const group = (await app.api('POST', '/api/v3/core/groups/', { name: 'bound' })).body;
  const policy = { target: flow.policybindingmodel_ptr_id, group: group.pk, order: 3 };
  expect((await app.api('POST', '/api/v3/policies/bindings/', policy)).status).toBe(201);
  const { version, metadata, entries } = await exported(ENROLLMENT);
  expect(version).toBe(1);
  expect(metadata).toMatchObject({ labels: { 'blueprints.goauthentik.io/generated': 'true' } });
  const places = entries.map(({ model }) => KINDS.findIndex((kind) => kind.test(model)));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(new Set(places).size).toBe(5);
  const known = new Set<string>();
  for (const { id, state, identifiers, attrs } of entries) {
    expect(state).toBe('present');
    for (const reference of [...referencesIn(identifiers), ...referencesIn(attrs)]) expect(known).toContain(reference);
    known.add(id);
  }
});

test('the entries are found again by the contract’s identifiers, and bindings refer to flow and stage', async () => {
  const { entries } = await exported(ENROLLMENT);
  const [flow] = entries;
  const identifiers: Record<string, string[]> = {
    'authentik_flows.flow': ['slug'],
    'authentik_flows.flowstagebinding': ['order', 'stage', 'target'],
    'authentik_policies.policybinding': ['order', 'policy', 'target'],
  };
  for (const entry of entries) {
    expect(Object.keys(entry.identifiers).toSorted()).toEqual(identifiers[entry.model] ?? ['name']);
  }
  const bindings = entries.filter(({ model }) => model === 'authentik_flows.flowstagebinding');
  expect(bindings.map((entry) => entry.identifiers['order'])).toEqual([5, 10, 15, 20, 100]);
  for (const { identifiers: own } of bindings) {
    expect(own['target']).toEqual(new KeyOf(flow?.id ?? ''));
    expect(own['stage']).toBeInstanceOf(KeyOf);
  }
  const prompts = entries.filter(({ model }) => model === 'authentik_stages_prompt.promptstage');
  for (const { attrs } of prompts) expect(referencesIn(attrs['fields']).length).toBeGreaterThan(0);
});

test('an export holds no invitation, user or secret', async () => {
  const { text } = await exported(ENROLLMENT);
  expect(text).not.toMatch(/authentik_stages_invitation\.invitation$|authentik_core\.user|token/m);
});

test('an empty flow is drawn as two nodes', async () => {
  await app.api('POST', FLOWS, { name: 'Empty', slug: 'empty', title: 'Empty', designation: 'recovery' });
  const { body } = await app.api('GET', `${FLOWS}empty/diagram/`);
  expect(body.diagram.split('\n').slice(0, 3)).toEqual(['graph TD', 'flow_start[["Flow', 'Empty"]]']);
  expect(body.diagram).toContain('done[["End of the flow"]]');
  expect(body.diagram).toContain('flow_start --> done');
});

test('a diagram names the stages in order, and a name cannot draw', async () => {
  const name = 'Evil"]] --> x[["<img src=x onerror=alert(1)>';
  await app.api('POST', FLOWS, { name, slug: 'drawn', title: 'Drawn', designation: 'recovery' });
  const flow = (await app.api('GET', `${FLOWS}drawn/`)).body;
  for (const [at, stage] of ['alpha', 'beta'].entries()) {
    const { pk } = (await app.api('POST', '/api/v3/stages/dummy/', { name: stage })).body;
    await app.api('POST', FLOW_BINDINGS, { target: flow.pk, stage: pk, order: 10 - at });
  }
  const { body } = await app.api('GET', `${FLOWS}drawn/diagram/`);
  expect(body.diagram.indexOf('beta')).toBeGreaterThan(0);
  expect(body.diagram.indexOf('beta')).toBeLessThan(body.diagram.indexOf('alpha'));
  expect(body.diagram).not.toContain('<img');
  expect(body.diagram).not.toContain('Evil"]]');
});

test('execute answers a link by the public URL and leaves the plan in the session', async () => {
  const jar = app.jar();
  const headers = { authorization: 'Bearer test-admin-token-0123456789abcdef', host: 'evil.example.com' };
  await app.api('POST', FLOWS, { name: 'run', slug: 'run', title: 'run', designation: 'stage_configuration' });
  const flow = (await app.api('GET', `${FLOWS}run/`)).body;
  const { pk } = (await app.api('POST', '/api/v3/stages/dummy/', { name: 'run-dummy' })).body;
  await app.api('POST', FLOW_BINDINGS, { target: flow.pk, stage: pk, order: 0 });
  const answer = await jar.get(`${FLOWS}run/execute/`, { headers });
  expect([answer.status, answer.body]).toEqual([200, { link: 'https://id.example.org/if/flow/run/' }]);
  expect(jar.cookie('authentik_session')).toBeDefined();
  const stage = await jar.open('run');
  expect(stage.body).toMatchObject({ component: 'ak-stage-dummy', name: 'run-dummy' });
});

test('execute of a flow that does not apply is a 400', async () => {
  const fields = { designation: 'stage_configuration', authentication: 'require_outpost' };
  await app.api('POST', FLOWS, { name: 'closed', slug: 'closed', title: 'closed', ...fields });
  const answer = await app.api('GET', `${FLOWS}closed/execute/`);
  expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['non_field_errors']]);
});
