import { isJsonObject } from '../schema/types.ts';
import type { Json, JsonObject } from '../schema/types.ts';

// A backup is gzipped text: a line of JSON about the whole; for each table a line of JSON, the rows as COPY writes
// them, `\.` on a line of its own, and a line of JSON with count and checksum; a last line of JSON.

export const FORMAT = 'vestibule-backup';
export const FORMAT_VERSION = 1;

/** The end of a table's rows. COPY escapes backslashes, so no row looks like it. */
export const END_OF_ROWS = Buffer.from('\\.\n');

const NEW_LINE = 0x0a;
const MAX_LINE = 16 * 1024 * 1024;

/** A file that is no backup of ours, or a damaged one. */
export class BackupDamaged extends Error {
  constructor(what: string) {
    super(`This is no whole backup: ${what}.`);
    this.name = 'BackupDamaged';
  }
}

/** Reads a backup's lines and rows from its unpacked bytes. */
export class BackupReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done === true) throw new BackupDamaged('it ends too soon');
    this.#rest = Buffer.concat([this.#rest, value]);
  }

  /** The next line of JSON. */
  async json(): Promise<JsonObject> {
    let end = this.#rest.indexOf(NEW_LINE);
    while (end < 0) {
      if (this.#rest.length > MAX_LINE) throw new BackupDamaged('a line has no end');
      await this.#more();
      end = this.#rest.indexOf(NEW_LINE);
    }
    const text = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + 1);
    return parseLine(text);
  }

  /** The rows of a table in blocks of whole lines. */
  async *rows(): AsyncGenerator<Buffer> {
    for (;;) {
      const first = this.#rest.subarray(0, END_OF_ROWS.length);
      if (first.equals(END_OF_ROWS)) break;
      const end = this.#rest.indexOf('\n\\.\n');
      const whole = end >= 0 ? end + 1 : this.#rest.lastIndexOf(NEW_LINE) + 1;
      const block = this.#rest.subarray(0, whole);
      this.#rest = this.#rest.subarray(whole);
      if (block.length > 0) yield block;
      else await this.#more();
    }
    this.#rest = this.#rest.subarray(END_OF_ROWS.length);
  }
}

function parseLine(text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // The line is what the message is about, and it may be anything.
  }
  throw new BackupDamaged('a line cannot be read');
}

/** How many lines a block has. */
export function countLines(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(NEW_LINE); at >= 0; at = block.indexOf(NEW_LINE, at + 1)) lines += 1;
  return lines;
}
