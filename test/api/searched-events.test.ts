import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Event } from '../../src/core/audit/index.ts';
import { dropOver, joinParts, takeIn } from '../../src/core/audit/search/take-in.ts';
import { purge } from '../../src/core/audit/store.ts';
import { modelOf } from '../../src/kernel/resource/model.ts';
import { searchedText } from '../../src/kernel/resource/search.ts';
import { testApp } from '../app.ts';
import { behindGate } from '../race/gate.ts';

const EVENTS = '/api/v3/events/events/';
/** Parts of so few events, joined to segments of so few parts, that a test has many of them. */
const PART = 6;
const PARTS = 2;

const app = await testApp();
const { db } = app.ctx;
const TEXT = searchedText(modelOf(Event, app.ctx.registry));

const indexSome = (): Promise<boolean> => takeIn(db, TEXT, PART);

/** Takes in all that there is. */
async function indexAll(): Promise<void> {
  while (await indexSome()) await joinParts(db, PARTS);
  const [left] = await db.query<{ count: number }>('select count(*)::integer as count from event_unindexed');
  if (left && left.count > 0) await takeIn(db, TEXT, left.count);
}

const FILTERS: readonly (readonly [query: string, condition: string])[] = [
  ['', 'true'],
  ['&action=login', `action = 'login'`],
  ['&actions=login&actions=logout', `action in ('login', 'logout')`],
  ['&username=ann', `username = 'ann'`],
  ['&client_ip=192.0.2.7', `client_ip = '192.0.2.7'`],
  ['&brand_name=Blue', `brand ->> 'name' = 'Blue'`],
  ['&context_model_app=toys', `model_app = 'toys'`],
  ['&context_model_name=ball', `model_name = 'ball'`],
  ['&context_model_pk=b-1', `model_pk = 'b-1'`],
  ['&context_authorized_app=a-1', `context #>> '{authorized_application,pk}' = 'a-1'`],
  ['&context_device=d-1', `context #>> '{device,pk}' = 'd-1'`],
  ['&action=login&username=ann', `action = 'login' and username = 'ann'`],
];

type Found = { readonly count: number; readonly keys: readonly string[] };

/** What the list answers: all keys, in its order. */
async function told(search: string, query = ''): Promise<Found> {
  const { body, status } = await app.api('GET', `${EVENTS}?search=${encodeURIComponent(search)}${query}&page_size=100`);
  expect(status).toBe(200);
  return { count: body.pagination.count, keys: body.results.map(({ pk }: { pk: string }) => pk) };
}

/** The same by reading every event. */
async function read(search: string, condition = 'true'): Promise<Found> {
  const patterns = search
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
  const found = await db.query<{ key: string }>(
    `select event_uuid::text as key from event where (${condition}) and not exists (
       select from unnest($1::text[]) pattern where not (event_uuid::text ilike pattern or user_data::text ilike pattern
         or action ilike pattern or app ilike pattern or context::text ilike pattern or coalesce(client_ip, '') ilike pattern))
     order by created desc, event_uuid desc`,
    [patterns],
    { prepare: false },
  );
  return { count: found.length, keys: found.slice(0, 100).map(({ key }) => key) };
}

async function differences(searches: readonly string[]): Promise<unknown[]> {
  const wrong: unknown[] = [];
  for (const [at, search] of searches.entries()) {
    for (const [query, condition] of [FILTERS[0], FILTERS[at % FILTERS.length]].flatMap((one) => (one ? [one] : []))) {
      const [answer, truth] = [await told(search, query), await read(search, condition)];
      if (JSON.stringify(answer) !== JSON.stringify(truth)) wrong.push({ search, query, answer, truth });
    }
  }
  return wrong;
}

/** Writes an event; not by the API, which would write another about that. Out: its key. */
async function write(note: string): Promise<string> {
  const [row] = await db.query<{ key: string }>(
    `insert into event (action, app, context) values ('login', 'searched', jsonb_build_object('note', $1::text))
     returning event_uuid::text as key`,
    [note],
  );
  return row?.key ?? '';
}

// Letters that some rule of some locale makes small or large in its own way; what patterns escape; characters of two units.
const LETTERS = [...'abcdefABCDEFiIıİkKKσςΣéÉß0123456789-_%\\"', '😀', '語'];
const text = fc.array(fc.constantFrom(...LETTERS), { minLength: 1, maxLength: 14 }).map((letters) => letters.join(''));

const KINDS = [
  'write',
  'write',
  'write',
  'change',
  'delete',
  'shorten',
  'many',
  'undone',
  'purge',
  'take',
  'take',
  'join',
  'drop',
] as const;
type Step = { readonly kind: (typeof KINDS)[number]; readonly at: number; readonly note: string };
const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...KINDS), at: fc.nat(30), note: text });

function eventOf({ at, note }: Step): object {
  return {
    action: at % 2 === 0 ? 'login' : 'logout',
    app: at % 5 === 0 ? note : 'searched',
    user: { username: at % 3 === 0 ? 'ann' : note },
    client_ip: at % 4 === 0 ? '192.0.2.7' : null,
    brand: at % 7 === 0 ? { name: 'Blue' } : {},
    context: {
      note,
      ...(at % 2 === 0
        ? { model: { app: 'toys', model_name: at % 4 === 0 ? 'ball' : 'doll', pk: `b-${at % 3}` } }
        : {}),
      ...(at % 3 === 0 ? { authorized_application: { pk: `a-${at % 2}` }, device: { pk: 'd-1' } } : {}),
    },
  };
}

/** Some of the letters, none of them halved. */
const part = (note: string, from: number, length: number): string => [...note].slice(from, from + length).join('');

async function take(keys: string[], one: Step): Promise<void> {
  const { kind, at, note } = one;
  const key = keys[at % Math.max(1, keys.length)];
  if (kind === 'write') keys.push((await app.api('POST', EVENTS, eventOf(one))).body.pk);
  if (kind === 'many') {
    await db.query(
      `insert into event (action, app, context, created, expires)
       select 'login', 'many', jsonb_build_object('note', $1::text || n), now() - n * interval '9 days', now() - n * interval '1 day'
       from generate_series(-3, 3) n`,
      [note],
    );
  }
  if (kind === 'purge') await purge(db);
  if (kind === 'take') await indexSome();
  if (kind === 'join') await joinParts(db, PARTS);
  if (kind === 'drop') await dropOver(db);
  if (key === undefined) return;
  if (kind === 'change') await app.api('PATCH', `${EVENTS}${key}/`, eventOf(one));
  if (kind === 'delete') await app.api('DELETE', `${EVENTS}${key}/`);
  if (kind === 'shorten')
    await db.query(`update event set expires = now() - interval '3 days' where event_uuid = $1`, [key]);
  if (kind === 'undone') {
    const undone = db.transaction(async (tx) => {
      await tx.query(`insert into event (action, app) values ('login', $1)`, [note]);
      await tx.query('delete from event where event_uuid <> $1', [key]);
      throw new Error('undone');
    });
    await undone.catch(() => undefined);
  }
}

describe('a search of the log', () => {
  test('finds exactly what reading every event finds, whatever is taken in, changed and over', async () => {
    const keys: string[] = [];
    await db.query('delete from event');
    await indexAll();
    const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(turns, fc.array(text, { maxLength: 2 }), fc.nat(9), async (all, others, cut) => {
        for (const turn of all) await Promise.all(turn.map((one) => take(keys, one)));
        const notes = all
          .flat()
          .map(({ note }) => note)
          .slice(0, 9);
        const parts = notes.map((note, at) => part(note, cut % note.length, 2 + (at % 8)));
        const pairs = notes.slice(1, 2).map((note, at) => `${note} ${part(notes[at] ?? '', 0, 4)}`);
        const searches = [...parts, ...pairs, ...others, ...keys.slice(-1)].filter((one) => one !== '');
        expect(await differences(searches)).toEqual([]);
        await indexAll();
        expect(await differences(searches)).toEqual([]);
      }),
      // Shrinking takes longer than a test may.
      { numRuns: 6, endOnFailure: true },
    );
  });

  test('reads only where the index says', async () => {
    await app.ctx.db.query('delete from event');
    const kept = await write('wombat burrow');
    for (let other = 0; other < 10; other++) await write(`other ${other}`);
    await indexAll();
    await db.query('alter table event disable trigger user');
    await db.query(`update event set context = '{"note": "aardvark"}' where event_uuid = $1`, [kept]);
    await db.query('alter table event enable trigger user');
    expect([(await told('aardvark')).count, (await told('wombat')).count]).toEqual([0, 0]);
    await db.query('select reindex_event_search()');
    expect((await told('aardvark')).keys).toEqual([kept]);
    await indexAll();
    expect((await told('aardvark')).keys).toEqual([kept]);
  });

  test('finds in parts that were joined what was in each', async () => {
    await db.query('delete from event');
    await db.query('select reindex_event_search()');
    await indexAll();
    const keys: string[] = [];
    for (let at = 0; at < 2 * PARTS * PART; at++) keys.push(await write(`patchwork-${at}-quilt`));
    while (await indexSome());
    const searched = async (): Promise<unknown[]> =>
      (await Promise.all(keys.map((_, at) => told(`patchwork-${at}-quilt`)))).map((found) => found.keys);
    expect(await searched()).toEqual(keys.map((key) => [key]));
    expect([await joinParts(db, PARTS), await joinParts(db, PARTS), await joinParts(db, PARTS)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await searched()).toEqual(keys.map((key) => [key]));
  });

  test('finds an event that is committed after later ones were taken in', async () => {
    let late = '';
    await db.transaction(async (tx) => {
      const [row] = await tx.query<{ key: string }>(
        `insert into event (action, app, context) values ('login', 'late', '{"note": "latecomer"}') returning event_uuid::text as key`,
      );
      late = row?.key ?? '';
      for (let other = 0; other < 9; other++) await write(`earlybird ${other}`);
      await indexAll();
      expect((await told('latecomer')).count).toBe(0);
      expect((await told('earlybird')).count).toBe(9);
    });
    expect((await told('latecomer')).keys).toEqual([late]);
    for (let other = 0; other < 9; other++) await write(`straggler ${other}`);
    await indexAll();
    expect((await told('latecomer')).keys).toEqual([late]);
  });

  test('finds what an event is changed to after it was taken in', async () => {
    const key = await write('caterpillar');
    await indexAll();
    await db.query(`update event set context = '{"note": "hawkmoth"}' where event_uuid = $1`, [key]);
    expect([(await told('caterpillar')).count, (await told('hawkmoth')).keys]).toEqual([0, [key]]);
    await indexAll();
    expect([(await told('caterpillar')).count, (await told('hawkmoth')).keys]).toEqual([0, [key]]);
  });

  test('finds what an event is changed to while it is taken in', async () => {
    await indexAll();
    const keys = [await write('chrysalis 0'), await write('chrysalis 1'), await write('chrysalis 2')];
    const { waiting } = await behindGate(db, { table: 'event_search_slice', wanted: 1 }, async () => {
      const taking = indexAll();
      await db.query(`update event set context = '{"note": "butterfly"}' where event_uuid = $1`, [keys[1] ?? '']);
      await taking;
    });
    expect(waiting).toBe(1);
    expect([(await told('chrysalis')).count, (await told('butterfly')).keys]).toEqual([2, [keys[1]]]);
  });

  test('is made over events that were there before, the latest first, and is exact meanwhile', async () => {
    await db.query('alter table event disable trigger user');
    await db.query(
      `insert into event (action, app, context, created) select 'login', 'before', jsonb_build_object('note', 'fossil-' || n),
         now() - (n / 4) * interval '1 day' from generate_series(1, 40) n`,
    );
    await db.query('alter table event enable trigger user');
    await db.query('select reindex_event_search()');
    const [all] = await db.query<{ count: number }>('select count(*)::integer as count from event');
    let turns = 0;
    for (let more = true; more; turns++) {
      expect(await differences(['fossil-3', 'fossil-40', 'butterfly', 'nowhere'])).toEqual([]);
      if (turns === 3) await write('fossil-37 again');
      more = await indexSome();
    }
    expect(turns).toBeGreaterThan(Math.floor(((all?.count ?? 0) - PART) / PART));
    const [noted] = await db.query<{ count: number }>('select count(*)::integer as count from event_unindexed');
    expect(noted?.count).toBeLessThan(PART);
  });

  test('is taken in by one process at a time, the others pass by', async () => {
    for (let other = 0; other < 4 * PART; other++) await write(`crowd ${other}`);
    const done = await Promise.all(Array.from({ length: 6 }, () => indexSome()));
    expect(done.filter(Boolean).length).toBeGreaterThan(0);
    await indexAll();
    expect(await differences(['crowd', 'crowd 11'])).toEqual([]);
  });

  test('leaves nothing behind of events that are over', async () => {
    await db.query(`update event set expires = now() - interval '3 days' where app <> 'over'`);
    const survivor = await write('survivor');
    await indexAll();
    await db.query(`update event_search_segment set expires = now() - interval '3 days'`);
    await purge(db);
    while (await dropOver(db));
    const [left] = await db.query<object>(
      `select (select count(*)::integer from event_search_block) as blocks, (select count(*)::integer from event_search_slice) as slices,
         (select count(*)::integer from event_search_segment) as segments`,
    );
    expect(left).toEqual({ blocks: 0, slices: 0, segments: 0 });
    for (let other = 0; other < PART; other++) await write(`newcomer ${other}`);
    await indexAll();
    expect((await told('survivor')).keys).toEqual([survivor]);
  });
});
