import { beforeAll, expect, test } from 'vitest';
import { endpoint } from '../../src/kernel/http/endpoint.ts';
import { endpointPath } from '../../src/kernel/http/endpoint-operation.ts';
import { modelOf } from '../../src/kernel/resource/model.ts';
import { resource } from '../../src/kernel/resource/resource.ts';
import type { Resource } from '../../src/kernel/resource/resource.ts';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { testApp } from '../app.ts';
import { operationsOf, servedDocument, urlOf } from './operations.ts';
import type { ServedOperation } from './operations.ts';
import { makeObjects } from './permission-objects.ts';
import type { MadeObject } from './permission-objects.ts';
import { DENIED, NO_CREDENTIALS, UNKNOWN_ID } from './urls.ts';

// Every operation of our document x everybody who may ask, and what the contract's rules say of it (part 1, 1.2, 1.3
// and 2.5). The operations are those of the document; the rules are here and know nothing of the code that applies them.
const app = await testApp();
const { registry } = app.ctx;
const resources = registry.all(resource);
const operations = operationsOf(await servedDocument(app));

/** What an operation is about: its model, whether of one object, and what it asks for besides being allowed to see. */
type Subject = { readonly model: Resource; readonly detail: boolean; readonly verb: string };
type Rule = { readonly open: 'public' | 'anyone' } | { readonly permission: string } | Subject;

const VERBS: Readonly<Record<string, string>> = {
  GET: 'view',
  POST: 'add',
  PUT: 'change',
  PATCH: 'change',
  DELETE: 'delete',
};

function detailOf(model: Resource): string {
  return `${model.path}{${model.lookup ?? model.key}}/`;
}

function ruleOf({ operationId, method, path }: ServedOperation): Rule {
  const special = registry.all(endpoint).find((one) => one.operationId === operationId);
  if (special) {
    const { permission, on, detail, perObject } = special;
    if (endpointPath(special) !== path) throw new Error(`${operationId} is not at ${path}.`);
    if (permission === null) return { open: 'anyone' };
    if (permission === 'public') return { open: 'public' };
    if (on && detail === false && perObject === true) return { model: on, detail: false, verb: permission };
    return on && detail !== false ? { model: on, detail: true, verb: permission } : { permission };
  }
  const model = resources.find((one) => path === one.path || path.startsWith(detailOf(one)));
  if (!model) throw new Error(`Nothing is known of ${operationId}.`);
  if (path.endsWith('/used_by/')) return { model, detail: false, verb: 'view' };
  return { model, detail: path !== model.path, verb: VERBS[method] ?? '' };
}

/** The permission by its whole name; endpoints name theirs so. */
function named({ model }: Resource, verb: string): string {
  const [app_, name] = model.split('.');
  return verb.includes('.') ? verb : `${app_}.${verb}_${name}`;
}

/** All that is needed, over every object. */
function neededBy(rule: Exclude<Rule, { open: string }>): string[] {
  if ('permission' in rule) return [rule.permission];
  const own = named(rule.model, rule.verb);
  return rule.verb === 'add' ? [own] : [...new Set([named(rule.model, 'view'), own])];
}

const accounts = new Map<string, Promise<string>>();

/** The token of somebody to whom just that is granted; one account for each set. */
function tokenOf(permissions: readonly string[], objects: readonly (readonly [string, string | number])[] = []) {
  const id = JSON.stringify([permissions, objects]);
  const made = accounts.get(id) ?? buildAccount(app.ctx, { permissions, objects }).then(({ token }) => token);
  accounts.set(id, made);
  return made;
}

let objects: ReadonlyMap<Resource, readonly [MadeObject, MadeObject]>;
beforeAll(async () => {
  objects = await makeObjects(
    app,
    resources.filter((one) => one.except.length < 7),
  );
}, 60_000);

function unknown(model: Resource | undefined): string {
  const kind = model ? modelOf(model, registry).lookup.kind.name : 'uuid';
  return kind === 'integer' ? '2000000000' : UNKNOWN_ID;
}

/** Sends what does nothing where it is let through: a body of the wrong shape, an id that is not there. */
async function statusOf(operation: ServedOperation, id: string, token: string | null) {
  const { method } = operation;
  const body = method === 'GET' || method === 'DELETE' ? undefined : [];
  const url = urlOf(operation, () => id);
  const answer = await app.api(method, url, body, { token });
  const isDenied = answer.status === 403 && answer.body.detail === DENIED.detail;
  return { ...answer, outcome: isDenied ? 'denied' : answer.status === 404 ? 'unknown' : 'passed' };
}

const everything = (model: Resource) => ['view', 'add', 'change', 'delete'].map((verb) => named(model, verb));

/** The columns of grants on everything. */
function columns(rule: Exclude<Rule, { open: string }>): [string, readonly string[]][] {
  if ('permission' in rule)
    return [
      ['no role', []],
      ['the permission', [rule.permission]],
    ];
  const [view, add, change, remove] = ['view', 'add', 'change', 'delete'].map((verb) => named(rule.model, verb));
  return [
    ['no role', []],
    ['view', [view ?? '']],
    ['add', [add ?? '']],
    ['change', [view ?? '', change ?? '']],
    ['change without view', [change ?? '']],
    ['delete', [view ?? '', remove ?? '']],
    ['everything of another model', everything(resources.find((one) => one.model !== rule.model.model) ?? rule.model)],
    ['all that is needed', neededBy(rule)],
  ];
}

// What is not there is 404 only for operations of an object; used_by looks one up too.
const looksUp = ({ path }: Pick<ServedOperation, 'path'>): boolean => path.includes('{');

const table = operations.map((operation) => [operation.operationId, operation] as const);

test.each(table)('%s by nobody', async (_id, operation) => {
  const rule = ruleOf(operation);
  const { status, body } = await statusOf(operation, UNKNOWN_ID, null);
  const refused = status === 403 && body.detail === NO_CREDENTIALS.detail;
  expect(refused).toBe(!('open' in rule && rule.open === 'public'));
});

const open = table.filter(([, operation]) => 'open' in ruleOf(operation));
const guarded = table.flatMap(([id, operation]) => {
  const rule = ruleOf(operation);
  return 'open' in rule ? [] : [[id, operation, rule] as const];
});

test.each(open)('%s by anybody with an account', async (_id, operation) => {
  expect((await statusOf(operation, UNKNOWN_ID, await tokenOf([]))).outcome).not.toBe('denied');
});

test.each(guarded)('%s with permissions on every object', async (_id, operation, rule) => {
  const id = unknown('model' in rule ? rule.model : undefined);
  for (const [column, permissions] of columns(rule)) {
    const may = neededBy(rule).every((permission) => permissions.includes(permission));
    const { outcome } = await statusOf(operation, id, await tokenOf(permissions));
    expect([column, outcome]).toEqual([column, may ? (looksUp(operation) ? 'unknown' : 'passed') : 'denied']);
  }
});

test.each(table)('%s by a superuser', async (_id, operation) => {
  const rule = ruleOf(operation);
  const answer = await app.api(
    operation.method,
    urlOf(operation, () => unknown('model' in rule ? rule.model : undefined)),
    operation.method === 'GET' || operation.method === 'DELETE' ? undefined : [],
  );
  expect(answer.body).not.toEqual(DENIED);
});

// Deleting last, since the objects are used until then; of the base of all stages after the stages themselves.
const lateness = ({ method, path }: ServedOperation): number =>
  method === 'DELETE' && looksUp({ path }) ? (path.startsWith('/stages/all/') ? 2 : 1) : 0;
const ofObjects = guarded
  .flatMap(([id, operation, rule]) => ('model' in rule ? [[id, operation, rule] as const] : []))
  .toSorted(([, a], [, b]) => lateness(a) - lateness(b));

type Outcome = 'passed' | 'denied' | 'unknown';
type Outcomes = { readonly mine: readonly Outcome[]; readonly other: readonly Outcome[] };

/** What becomes of who may view mine; of who may do everything with mine; and of who may besides view the other. */
function expectedOn({ model, detail, verb }: Subject): Outcomes {
  const all = (outcome: Outcome): Outcome[] => [outcome, outcome, outcome];
  // Creating goes by the global permission; lists and used_by by there being something to see.
  const isSeeing = named(model, verb) === named(model, 'view');
  const anywhere = all(verb === 'add' ? 'denied' : 'passed');
  // What is done to whatever may be done to takes the permission on something.
  const somewhere: Outcome[] = isSeeing || verb === 'add' ? anywhere : ['denied', 'passed', 'passed'];
  if (!detail) return { mine: somewhere, other: somewhere };
  if (isSeeing) {
    return { mine: all('passed'), other: ['unknown', 'unknown', 'passed'] };
  }
  // Where the caller has the permission on nothing the answer is 403, whichever object is asked for.
  return { mine: ['denied', 'passed', 'passed'], other: ['denied', 'unknown', 'denied'] };
}

test.each(ofObjects)('%s with permissions on one object', async (_id, operation, rule) => {
  const { model, verb } = rule;
  const [mine, other] = objects.get(model) ?? [];
  if (!mine || !other) throw new Error(`${model.name} has no objects.`);
  const view = named(model, 'view');
  const all = [...new Set([...everything(model), named(model, verb)])].map((one) => [one, mine.key] as const);
  const callers = [
    await tokenOf([], [[view, mine.key]]),
    await tokenOf([], all),
    await tokenOf([], [...all, [view, other.key]]),
  ];
  // Only who is let through deletes, and then what was asked for is gone.
  const spare = operation.method === 'DELETE' ? callers.slice(0, 2) : callers;
  const outcomes = async ({ lookup }: MadeObject, tokens: readonly string[]) => {
    const found: string[] = [];
    for (const token of tokens) found.push((await statusOf(operation, lookup, token)).outcome);
    return found;
  };
  const expected = expectedOn(rule);
  expect({ other: await outcomes(other, callers), mine: await outcomes(mine, spare) }).toEqual({
    other: expected.other,
    mine: expected.mine.slice(0, spare.length),
  });
});

test('the matrix has every operation of the document', () => {
  expect(operations.length).toBeGreaterThan(90);
  expect(ofObjects.length).toBeGreaterThan(80);
});
