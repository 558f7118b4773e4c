import { POSITIONS, visitPieces } from './pieces.ts';

/** Events of a block: what a bit stands for, and what is read when it is set. */
export const BLOCK_EVENTS = 64;

/** Blocks of a part, the segment that one taking in makes. */
export const PART_BLOCKS = 64;

export const PART_EVENTS = PART_BLOCKS * BLOCK_EVENTS;

/** Bytes that a position has for each part. */
export const PART_BYTES = PART_BLOCKS / 8;

/** Parts that are joined to one segment: then a search reads one place where there were as many. */
export const JOINED = 64;

/** Bytes of a line, the slices of some positions one after the other: too short to be compressed or moved out of its table. */
export const LINE_BYTES = 1024;

/** Positions in a line of a segment of so many parts. */
export const positionsInLine = (parts: number): number => LINE_BYTES / PART_BYTES / parts;

/** The bits of a part: for each position which of its blocks have a piece there. */
export type Signature = {
  /** Lines, one after the other. */
  readonly bytes: Buffer;
  /** Adds a text, lowered by PostgreSQL, to a block. */
  add(block: number, lowered: string): void;
};

/** An empty signature. */
export function createSignature(): Signature {
  const bytes = Buffer.alloc(POSITIONS * PART_BYTES);
  return {
    bytes,
    add(block, lowered) {
      const at = block >> 3;
      const bit = 1 << (block & 7);
      visitPieces(lowered, (position) => {
        const index = position * PART_BYTES + at;
        bytes[index] = (bytes[index] ?? 0) | bit;
      });
    },
  };
}

/** A line of a part. */
export type Line = { readonly part: number; readonly line: number; readonly bits: Buffer };

/**
 * The lines of a joined segment. In: the same lines of all its parts, without those that are empty; the first of them and how
 * many they are. Out: the bytes for the same positions, slices of all parts side by side.
 */
export function joinLines(
  lines: readonly Line[],
  { first, count, parts }: { first: number; count: number; parts: readonly number[] },
): Buffer {
  const places = new Map(parts.map((part, at) => [part, at]));
  const width = PART_BYTES * parts.length;
  const joined = Buffer.alloc(count * LINE_BYTES * parts.length);
  for (const { part, line, bits } of lines) {
    const place = places.get(part);
    if (place === undefined) continue;
    const position = (line - first) * positionsInLine(1);
    for (let n = 0; n < positionsInLine(1); n++) {
      bits.copy(joined, (position + n) * width + place * PART_BYTES, n * PART_BYTES, (n + 1) * PART_BYTES);
    }
  }
  return joined;
}

/** The blocks of a segment's parts that have all of some positions. In: the slices of those, one after the other. */
export function blocksWithAll({
  parts,
  slices,
}: {
  readonly parts: readonly number[];
  readonly slices: Buffer;
}): number[] {
  const width = PART_BYTES * parts.length;
  const blocks: number[] = [];
  for (const [place, part] of parts.entries()) {
    for (let at = place * PART_BYTES; at < (place + 1) * PART_BYTES; at++) {
      let bits = 0xff;
      for (let slice = at; slice < slices.length && bits !== 0; slice += width) bits &= slices[slice] ?? 0;
      for (let bit = 0; bits >> bit !== 0; bit++) {
        if ((bits >> bit) & 1) blocks.push(part * PART_BLOCKS + (at % PART_BYTES) * 8 + bit);
      }
    }
  }
  return blocks;
}
