import type { Queryable, Transaction } from '../../../kernel/db/types.ts';
import { BLOCK_EVENTS, PART_BLOCKS, PART_BYTES, LINE_BYTES, positionsInLine } from './signature.ts';

/** How far the index is. */
export type State = {
  /** Whether all events that were there before they were noted have been. */
  readonly whole: boolean;
  /** The last number of a segment. */
  readonly segments: number;
  /** Blocks of all segments, about. */
  readonly blocks: number;
  /** The words asked about as PostgreSQL makes them small. */
  readonly words: string[];
};

const STATE = `
  select coalesce(s.created = '-infinity', false) as whole, coalesce(s.segments, 0) as segments,
    (select coalesce(sum(cardinality(parts)), 0) * ${PART_BLOCKS} from event_search_segment)::integer as blocks,
    array(select lower(word) from unnest($1::text[]) with ordinality asked(word, n) order by n) as words
  from (values (true)) one(single) left join event_search_state s using (single)`;

/** How far the index is, and some words made small. */
export async function findState(db: Queryable, words: readonly string[]): Promise<State | undefined> {
  const [state] = await db.query<State>(STATE, [words]);
  return state;
}

/** A segment, and its slices of some positions one after the other. */
export type Slices = { readonly parts: number[]; readonly slices: Buffer };

const perLine = `(${positionsInLine(1)} / cardinality(s.parts))`;
const width = `(${PART_BYTES} * cardinality(s.parts))`;

// A line that is not there is empty, and a segment with an empty slice has nothing.
const SLICES = `
  select s.parts, string_agg(substr(b.bits, 1 + p.position % ${perLine} * ${width}, ${width}), '') as slices
  from event_search_segment s cross join unnest($1::integer[]) p(position)
    join event_search_slice b on b.segment = s.segment and b.line = p.position / ${perLine}
  group by s.segment, s.parts having count(*) = cardinality($1::integer[])`;

/** The slices of the segments that may have something at all of the positions. */
export async function listSlices(db: Queryable, positions: readonly number[]): Promise<Slices[]> {
  return db.query<Slices>(SLICES, [positions]);
}

/** The keys of the events that a search has to look at: those of some blocks, of newer segments, and not taken in yet. */
export function keysSql({ blocks, after }: { readonly blocks: string; readonly after: string }): string {
  return (
    `select unnest(b.event_uuids) from event_search_block b where b.block = any(${blocks})` +
    ` union all select unnest(b.event_uuids) from event_search_block b where b.block >= ${after}` +
    ` union all select u.event_uuid from event_unindexed u`
  );
}

/** How far the index is, for whoever goes on with it; undefined while another does. */
export type Work = { readonly whole: boolean; readonly segments: number };

/** Nobody else changes the index until the transaction ends. */
export async function lockState(tx: Transaction): Promise<Work | undefined> {
  await tx.query('insert into event_search_state default values on conflict do nothing');
  const [work] = await tx.query<Work>(
    `select created = '-infinity' as whole, segments from event_search_state for update skip locked`,
  );
  return work;
}

/** Whether at least so many notes wait. */
export async function hasUnindexed(tx: Transaction, count: number): Promise<boolean> {
  const text = 'select count(*)::integer as count from (select from event_unindexed limit $1) u';
  const [row] = await tx.query<{ count: number }>(text, [count]);
  return (row?.count ?? 0) >= count;
}

// Lateral, so that the index is entered where the last ones ended: joined to it, the log would be read from its newest event
// on each time. The end is marked when fewer are left than asked for.
const NOTE_OLD = `
  with next as (
    select e.created, e.event_uuid from event_search_state s cross join lateral (
      select created, event_uuid from event where (created, event_uuid) < (s.created, s.event_uuid)
      order by created desc, event_uuid desc limit $1) e
  ), noted as (
    insert into event_unindexed (event_uuid) select event_uuid from next
  ), last as (
    select created, event_uuid from next order by created, event_uuid limit 1
  )
  update event_search_state s set
    created = case when n.count < $1 then '-infinity' else (select created from last) end,
    event_uuid = coalesce((select event_uuid from last), s.event_uuid)
  from (select count(*) as count from next) n`;

/** Notes some of the events that were there before, the latest first. */
export async function noteOld(tx: Transaction, count: number): Promise<void> {
  await tx.query(NOTE_OLD, [count]);
}

const TAKE = `
  delete from event_unindexed where ctid = any(array(select ctid from event_unindexed limit $1)) returning event_uuid`;

/** Takes notes away. Out: the keys of their events, each once. */
export async function takeUnindexed(tx: Transaction, count: number): Promise<string[]> {
  const rows = await tx.query<{ event_uuid: string }>(TAKE, [count]);
  return [...new Set(rows.map((row) => row.event_uuid))];
}

/**
 * What is searched of some events, made small by the rules by which the words are. In: SQL of the text of a row under alias t,
 * which may have the collation of some of its columns.
 */
export async function listTexts(tx: Transaction, text: string, keys: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ text: string }>(
    `select lower(${text} collate "default") as text from event t where t.event_uuid = any($1::uuid[])`,
    [keys],
  );
  return rows.map((row) => row.text);
}

const PART = `
  with blocks as (
    insert into event_search_block (block, event_uuids)
    select $1::bigint * ${PART_BLOCKS} + (n - 1) / ${BLOCK_EVENTS}, array_agg(key order by n)
    from unnest($2::uuid[]) with ordinality k(key, n) group by (n - 1) / ${BLOCK_EVENTS}
  ), segment as (
    insert into event_search_segment (segment, parts, expires)
    select $1, array[$1::integer], coalesce(max(expires), now()) from event where event_uuid = any($2::uuid[])
  )
  update event_search_state set segments = $1`;

/** Adds a segment of one part with the events of its blocks; its slices apart. */
export async function insertPart(tx: Transaction, part: number, keys: readonly string[]): Promise<void> {
  await tx.query(PART, [part, keys]);
}

const LINES = `
  insert into event_search_slice (segment, line, bits)
  select $1, $2::integer + n, r.bits
  from generate_series(0, length($3::bytea) / ${LINE_BYTES} - 1) n
    cross join lateral (select substr($3::bytea, n * ${LINE_BYTES} + 1, ${LINE_BYTES}) as bits) r
  where r.bits <> $4::bytea`;

const EMPTY = Buffer.alloc(LINE_BYTES);

/** Adds lines of slices from one on; empty ones are left out. */
export function insertLines(
  tx: Transaction,
  at: { readonly segment: number; readonly line: number },
  bytes: Buffer,
): void {
  tx.send(LINES, [at.segment, at.line, bytes, EMPTY]);
}

/** The oldest segments of one part, at most so many. */
export async function listParts(tx: Transaction, count: number): Promise<number[]> {
  const rows = await tx.query<{ segment: number }>(
    'select segment from event_search_segment where cardinality(parts) = 1 order by segment limit $1',
    [count],
  );
  return rows.map((row) => row.segment);
}

/** Lines of slices of some segments, from one on. */
export async function listLines(
  tx: Transaction,
  parts: readonly number[],
  { first, count }: { readonly first: number; readonly count: number },
): Promise<{ part: number; line: number; bits: Buffer }[]> {
  return tx.query(
    `select segment as part, line, bits from event_search_slice
     where segment = any($1::integer[]) and line >= $2 and line < $2 + $3`,
    [parts, first, count],
  );
}

const REPLACE = `
  with slices as (
    delete from event_search_slice where segment = any($2::integer[])
  ), gone as (
    delete from event_search_segment where segment = any($2::integer[]) returning expires
  ), joined as (
    insert into event_search_segment (segment, parts, expires) select $1, $2, max(expires) from gone
  )
  update event_search_state set segments = $1`;

/** Puts one segment into the place of its parts. */
export async function replaceParts(tx: Transaction, segment: number, parts: readonly number[]): Promise<void> {
  await tx.query(REPLACE, [segment, parts]);
}

/** The segment whose events are over for longest, for a day at least; undefined when there is none. */
export async function findOver(tx: Transaction): Promise<{ segment: number; parts: number[] } | undefined> {
  const [over] = await tx.query<{ segment: number; parts: number[] }>(
    `select segment, parts from event_search_segment where expires < now() - interval '1 day' order by expires limit 1`,
  );
  return over;
}

const DROP_PART = `
  with blocks as (
    delete from event_search_block where block >= $1::bigint and block < $1::bigint + ${PART_BLOCKS} returning event_uuids
  )
  insert into event_unindexed (event_uuid)
  select event_uuid from event where event_uuid = any(array(select unnest(event_uuids) from blocks))`;

/** Forgets which events the blocks of a part are of. Those that are still there are taken in anew. */
export async function dropPart(tx: Transaction, part: number): Promise<void> {
  await tx.query(DROP_PART, [part * PART_BLOCKS]);
}

/** Removes a segment with its slices. */
export async function deleteSegment(tx: Transaction, segment: number): Promise<void> {
  await tx.query('delete from event_search_slice where segment = $1', [segment]);
  await tx.query('delete from event_search_segment where segment = $1', [segment]);
}
