import type { Database, Transaction } from '../../../kernel/db/types.ts';
import { POSITIONS } from './pieces.ts';
import { BLOCK_EVENTS, JOINED, PART_EVENTS, createSignature, joinLines, positionsInLine } from './signature.ts';
import * as store from './store.ts';

/** Lines that are joined at a time, for as many kilobytes of memory as parts times this. */
const LINES_AT_ONCE = 8;

/** Blocks whose texts are asked for together: a bound for the memory that they need. */
const BLOCKS_AT_ONCE = 8;

async function isDue(
  tx: Transaction,
  { whole, size }: { readonly whole: boolean; readonly size: number },
): Promise<boolean> {
  if (await store.hasUnindexed(tx, size)) return true;
  if (whole) return false;
  await store.noteOld(tx, size);
  return store.hasUnindexed(tx, size);
}

function blocksOf(keys: readonly string[]): string[][] {
  const count = Math.ceil(keys.length / BLOCK_EVENTS);
  return Array.from({ length: count }, (_, at) => keys.slice(at * BLOCK_EVENTS, (at + 1) * BLOCK_EVENTS));
}

/**
 * Takes events into the index, when there are enough of them for a part.
 * @param text SQL of what is searched of an event under alias t
 * @param size events of a part, 4,096 at most
 * @returns whether it did; false also while another process is at it
 */
export async function takeIn(db: Database, text: string, size = PART_EVENTS): Promise<boolean> {
  return db.transaction(async (tx) => {
    const work = await store.lockState(tx);
    if (!work || !(await isDue(tx, { whole: work.whole, size }))) return false;
    const keys = await store.takeUnindexed(tx, size);
    const part = work.segments + 1;
    const signature = createSignature();
    for (let first = 0; first < keys.length; first += BLOCKS_AT_ONCE * BLOCK_EVENTS) {
      const blocks = blocksOf(keys.slice(first, first + BLOCKS_AT_ONCE * BLOCK_EVENTS));
      // Read after they were taken: who changes one of them now notes it again.
      const texts = await Promise.all(blocks.map((block) => store.listTexts(tx, text, block)));
      for (const [at, block] of texts.entries()) {
        for (const lowered of block) signature.add(first / BLOCK_EVENTS + at, lowered);
      }
    }
    store.insertLines(tx, { segment: part, line: 0 }, signature.bytes);
    await store.insertPart(tx, part, keys);
    return true;
  });
}

/** Joins so many parts, a power of two, to one segment, when there are as many. Out: whether it did. */
export async function joinParts(db: Database, count = JOINED): Promise<boolean> {
  return db.transaction(async (tx) => {
    const work = await store.lockState(tx);
    const parts = work ? await store.listParts(tx, count) : [];
    if (!work || parts.length < count) return false;
    const segment = work.segments + 1;
    for (let first = 0; first < POSITIONS / positionsInLine(1); first += LINES_AT_ONCE) {
      const lines = await store.listLines(tx, parts, { first, count: LINES_AT_ONCE });
      const joined = joinLines(lines, { first, count: LINES_AT_ONCE, parts });
      store.insertLines(tx, { segment, line: first * parts.length }, joined);
    }
    await store.replaceParts(tx, segment, parts);
    return true;
  });
}

/** Removes a segment whose events are over and deleted. Out: whether it did. */
export async function dropOver(db: Database): Promise<boolean> {
  return db.transaction(async (tx) => {
    const work = await store.lockState(tx);
    const over = work && (await store.findOver(tx));
    if (!over) return false;
    for (const part of over.parts) await store.dropPart(tx, part);
    await store.deleteSegment(tx, over.segment);
    return true;
  });
}
