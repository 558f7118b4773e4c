import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { purge } from '../../src/core/audit/store.ts';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import { foldCounts } from '../../src/kernel/resource/count-store.ts';
import { testApp } from '../app.ts';
import { INVITATIONS } from './urls.ts';

const EVENTS = '/api/v3/events/events/';
const MODELS = [undefined, { app: 'toys', model_name: 'ball' }, { app: 'toys', model_name: 'doll' }];
const ACTIONS = ['login', 'logout', 'model_created', 'model_updated'];

const app = await testApp();
const { db } = app.ctx;

/** Queries of the list, each with the rows that it asks for. */
const QUESTIONS: readonly (readonly [query: string, condition: string])[] = [
  ['', 'true'],
  ...ACTIONS.map((action) => [`action=${action}`, `action = '${action}'`] as const),
  ['actions=login&actions=logout', `action in ('login', 'logout')`],
  ['context_model_app=toys', `model_app = 'toys'`],
  ['context_model_name=ball', `model_name = 'ball'`],
  ['action=login&context_model_name=doll', `action = 'login' and model_name = 'doll'`],
  ['context_model_app=toys&context_model_name=ball&action=logout', `action = 'logout' and model_name = 'ball'`],
  ['actions=login&actions=logout&action=login', `action = 'login'`],
  ['brand_name=Red', `brand ->> 'name' = 'Red'`],
  [
    'brand_name=Red&action=login&context_model_app=toys',
    `brand ->> 'name' = 'Red' and action = 'login' and model_app = 'toys'`,
  ],
  ['brand_name=Default%20brand', `brand ->> 'name' = 'Default brand'`],
  ['username=ann', `username = 'ann'`],
  ['username=ann&action=login', `username = 'ann' and action = 'login'`],
  ['search=ball&action=login', `context::text like '%ball%' and action = 'login'`],
];

async function differences(): Promise<unknown[]> {
  const wrong: unknown[] = [];
  for (const [query, condition] of QUESTIONS) {
    const [real] = await db.query<{ count: number }>(`select count(*)::integer as count from event where ${condition}`);
    const { pagination, results } = (await app.api('GET', `${EVENTS}?${query}&page_size=100`)).body;
    const shown = pagination.count > 100 ? pagination.count : results.length;
    if (pagination.count !== real?.count || shown !== real?.count) {
      wrong.push({ query, told: pagination.count, shown, real: real?.count });
    }
  }
  return wrong;
}

const KINDS = ['write', 'change', 'delete', 'invite', 'expire', 'fold', 'undone', 'many'] as const;
type Step = {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly action: string;
  readonly model: (typeof MODELS)[number];
};

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(30),
  action: fc.constantFrom(...ACTIONS),
  model: fc.constantFrom(...MODELS),
});

async function take(keys: string[], { kind, at, action, model }: Step): Promise<void> {
  const key = keys[at % Math.max(1, keys.length)];
  const event = {
    action,
    app: 'test',
    user: { username: at % 2 === 0 ? 'ann' : 'bob' },
    context: model ? { model } : {},
    brand: at % 3 === 0 ? { name: 'Red' } : {},
  };
  if (kind === 'write') keys.push((await app.api('POST', EVENTS, event)).body.pk);
  if (kind === 'invite') await app.api('POST', INVITATIONS, { name: `counted-${at}` });
  if (kind === 'fold') await foldCounts(db);
  if (kind === 'many') {
    await db.query(
      `insert into event (action, app, context, expires)
       select 'login', 'many', '{"model": {"app": "toys", "model_name": "ball"}}', now() - n * interval '1 hour'
       from generate_series(-2, 2) n`,
    );
  }
  if (kind === 'expire') await purge(db);
  if (key === undefined) return;
  if (kind === 'change') await app.api('PATCH', `${EVENTS}${key}/`, event);
  if (kind === 'delete') await app.api('DELETE', `${EVENTS}${key}/`);
  if (kind === 'undone') {
    const undone = db.transaction(async (tx) => {
      await tx.query(`insert into event (action, app) values ('login', 'undone')`);
      await tx.query('delete from event where event_uuid <> $1', [key]);
      throw new Error('undone');
    });
    await undone.catch(() => undefined);
  }
}

describe('the count of events that counters tell', () => {
  test('is the real one after any writes, at the same time too', async () => {
    const keys: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 6 }), async (turns) => {
        for (const turn of turns) await Promise.all(turn.map((one) => take(keys, one)));
        expect(await differences()).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  test('is that of what one may see, for whoever may see single events', async () => {
    const [seen, other] = [await make('login'), await make('logout'), await make('login')];
    const { token } = await buildAccount(app.ctx, {
      objects: [
        ['authentik_events.view_event', seen],
        ['authentik_events.view_event', other],
      ],
    });
    const count = async (query: string): Promise<unknown> =>
      (await app.api('GET', `${EVENTS}?${query}`, undefined, { token })).body.pagination.count;
    expect([await count(''), await count('action=login'), await count('search=single')]).toEqual([2, 1, 2]);
  });

  test('is told of a brand without reading its events', async () => {
    await db.query('alter table event disable trigger user');
    await app.api('POST', EVENTS, { action: 'login', app: 'unseen', brand: { name: 'Unseen' } });
    await db.query('alter table event enable trigger user');
    const count = async () => (await app.api('GET', `${EVENTS}?brand_name=Unseen`)).body.pagination.count;
    expect(await count()).toBe(0);
    await db.query(`select recount_rows('event')`);
    expect(await count()).toBe(1);
  });

  test('can be made anew, and is nothing after a truncation', async () => {
    await make('login');
    await db.query('alter table event disable trigger user');
    await make('login');
    await db.query('alter table event enable trigger user');
    expect((await differences()).length).toBeGreaterThan(1);
    await db.query(`select recount_rows('event')`);
    expect(await differences()).toEqual([]);
    await db.query('truncate event');
    expect(await differences()).toEqual([]);
  });
});

async function make(action: string): Promise<string> {
  return (await app.api('POST', EVENTS, { action, app: 'single' })).body.pk;
}
