import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildAccount } from '../../src/core/tokens/builders.ts';
import type { Account } from '../../src/core/tokens/builders.ts';
import { foldCounts } from '../../src/kernel/resource/count-store.ts';
import { testApp } from '../app.ts';
import { FLOWS, INVITATIONS, USERS } from './urls.ts';

const GROUPS = '/api/v3/core/groups/';

const app = await testApp();
const admins = (await app.api('GET', `${GROUPS}?name=authentik%20Admins`)).body.results[0].pk;
let made = 0;

async function makeFlow(): Promise<{ pk: string; slug: string }> {
  made += 1;
  const slug = `counted-${made}`;
  const body = { name: slug, slug, title: slug, designation: 'enrollment' };
  return (await app.api('POST', FLOWS, body)).body;
}

/** What the list says and what is there, of everything, of each flow, each creator, and each flow and creator. */
async function differences(flows: readonly string[], creators: readonly string[]): Promise<unknown[]> {
  const asked = [undefined, ...flows].flatMap((flow) => [undefined, ...creators].map((creator) => ({ flow, creator })));
  const wrong: unknown[] = [];
  for (const { flow, creator } of asked) {
    const query = new URLSearchParams({
      ...(flow === undefined ? {} : { flow__slug: flow }),
      ...(creator === undefined ? {} : { created_by__username: creator }),
    });
    const [real] = await app.ctx.db.query<{ count: number }>(
      `select count(*)::integer as count from invitation i
         left join flow f on f.flow_uuid = i.flow join users u on u.id = i.created_by
       where i.used_up is null and i.revoked is null and i.expired is null and (i.expires is null or i.expires > now())
         and ($1::text is null or f.slug = $1) and ($2::text is null or u.username = $2)`,
      [flow ?? null, creator ?? null],
    );
    const { pagination, results } = (await app.api('GET', `${INVITATIONS}?${query}&page_size=100`)).body;
    const shown = pagination.count > 100 ? pagination.count : results.length;
    if (pagination.count !== real?.count || shown !== real?.count) {
      wrong.push({ query: `${query}`, told: pagination.count, shown, real: real?.count });
    }
  }
  return wrong;
}

type Step =
  | { readonly kind: 'create' | 'move'; readonly at: number; readonly flow: number; readonly who: number }
  | { readonly kind: 'expire' | 'close' | 'open' | 'delete' | 'fold' | 'undone'; readonly at: number };

const numbers = { at: fc.nat(30), flow: fc.integer({ min: -1, max: 2 }), who: fc.nat(1) };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('create' as const), ...numbers }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move' as const), ...numbers }) },
  fc.record({ kind: fc.constantFrom('expire', 'close', 'open', 'delete', 'fold', 'undone'), at: numbers.at }),
);

type World = {
  readonly flows: readonly { pk: string; slug: string }[];
  readonly people: readonly Account[];
  readonly keys: string[];
};

async function take(world: World, { kind, at, ...rest }: Step): Promise<void> {
  const { db } = app.ctx;
  const key = world.keys[at % Math.max(1, world.keys.length)];
  const flow = 'flow' in rest ? (world.flows[rest.flow]?.pk ?? null) : null;
  const token = 'who' in rest ? world.people[rest.who]?.token : undefined;
  if (kind === 'create') {
    const answer = await app.api('POST', INVITATIONS, { name: `c-${at}`, flow }, token === undefined ? {} : { token });
    world.keys.push(answer.body.pk);
  }
  if (kind === 'fold') await foldCounts(db);
  if (key === undefined) return;
  if (kind === 'move') await app.api('PATCH', `${INVITATIONS}${key}/`, { flow });
  if (kind === 'expire') await app.api('PATCH', `${INVITATIONS}${key}/`, { expires: '2001-01-01T00:00:00Z' });
  if (kind === 'delete') await app.api('DELETE', `${INVITATIONS}${key}/`);
  if (kind === 'close') await db.query('update invitation set used_up = now() where invite_uuid = $1', [key]);
  if (kind === 'open') await db.query('update invitation set used_up = null where invite_uuid = $1', [key]);
  if (kind === 'undone') {
    const undone = db.transaction(async (tx) => {
      await tx.query('delete from invitation where invite_uuid <> $1', [key]);
      throw new Error('undone');
    });
    await undone.catch(() => undefined);
  }
}

describe('the count of a list that counters tell (51)', () => {
  test('is the real one after any writes, at the same time too', async () => {
    const flows = [await makeFlow(), await makeFlow(), await makeFlow()];
    const people = [
      await buildAccount(app.ctx, { groups: [admins] }),
      await buildAccount(app.ctx, { groups: [admins] }),
    ];
    const slugs = flows.map(({ slug }) => slug);
    const creators = ['akadmin', ...people.map(({ username }) => username)];
    const world = { flows, people, keys: [] };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 6 }), async (turns) => {
        for (const turn of turns) await Promise.all(turn.map((one) => take(world, one)));
        expect(await differences(slugs, creators)).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  test('goes down with a flow and a user that take their invitations along', async () => {
    const [flow, other] = [await makeFlow(), await makeFlow()];
    const person = await buildAccount(app.ctx, { groups: [admins] });
    for (const pk of [flow.pk, flow.pk, other.pk, null]) {
      await app.api('POST', INVITATIONS, { name: 'cascade', flow: pk }, { token: person.token });
    }
    const before = (await app.api('GET', INVITATIONS)).body.pagination.count;
    await app.api('DELETE', `${FLOWS}${flow.slug}/`);
    expect((await app.api('GET', INVITATIONS)).body.pagination.count).toBe(before - 2);
    await app.api('DELETE', `${USERS}${person.id}/`);
    expect((await app.api('GET', INVITATIONS)).body.pagination.count).toBe(before - 4);
    expect(await differences([flow.slug, other.slug], [person.username])).toEqual([]);
  });

  test.each(['flow', 'user'])('goes down with a %s in a few lines for all it takes along (D6, T25)', async (kind) => {
    const { db } = app.ctx;
    const flow = await makeFlow();
    const person = await buildAccount(app.ctx, { groups: [admins] });
    await db.query(
      `insert into invitation (name, flow, created_by, revoked)
       select 'along', $1, $2, case when i % 10 = 0 then now() end from generate_series(1, 50) i`,
      [flow.pk, person.id],
    );
    const lines = () => db.query(`select 1 from row_count where counted = 'invitation' or counted like 'invitation.%'`);
    const before = (await lines()).length;
    await app.api('DELETE', kind === 'flow' ? `${FLOWS}${flow.slug}/` : `${USERS}${person.id}/`);
    expect((await lines()).length - before).toBe(4);
    expect(await differences([flow.slug], [person.username])).toEqual([]);
  });

  test('survives being added up, by two at once', async () => {
    const flow = await makeFlow();
    await Promise.all(
      Array.from({ length: 12 }, (_, at) => app.api('POST', INVITATIONS, { name: `fold-${at}`, flow: flow.pk })),
    );
    const before = await app.ctx.db.query(`select 1 from row_count where counted = 'invitation'`);
    expect(before.length).toBeGreaterThan(2);
    await Promise.all([foldCounts(app.ctx.db), foldCounts(app.ctx.db)]);
    await foldCounts(app.ctx.db);
    const [sums] = await app.ctx.db.query<{ rows: number }>(
      `select count(*)::integer as rows from row_count where counted = 'invitation'`,
    );
    expect(sums).toEqual({ rows: 1 });
    expect(await differences([flow.slug], ['akadmin'])).toEqual([]);
  });

  test('can be made anew when somebody changed rows behind the triggers', async () => {
    const { db } = app.ctx;
    await db.query('alter table invitation disable trigger user');
    await app.api('POST', INVITATIONS, { name: 'behind' });
    await db.query('alter table invitation enable trigger user');
    expect(await differences([], [])).toHaveLength(1);
    await db.query(`select recount_rows('invitation')`);
    expect(await differences([], ['akadmin'])).toEqual([]);
  });

  test('is nothing after a truncation', async () => {
    await app.api('POST', INVITATIONS, { name: 'truncated' });
    await app.ctx.db.query('truncate invitation cascade');
    expect((await app.api('GET', INVITATIONS)).body.pagination.count).toBe(0);
    await app.api('POST', INVITATIONS, { name: 'after' });
    expect((await app.api('GET', INVITATIONS)).body.pagination.count).toBe(1);
  });
});
