import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BIT_DEPTH = 1;
const GRAYSCALE = 0;
const NO_FILTER = 0;

/** Length, type, data, checksum (PNG, third edition, §5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

/** One line of pixels, eight to a byte, the leftmost the highest bit; white is 1. */
function line(row: readonly boolean[], scale: number): Buffer {
  const width = row.length * scale;
  const bytes = Buffer.alloc(1 + Math.ceil(width / 8), 0);
  bytes[0] = NO_FILTER;
  for (let x = 0; x < width; x += 1) {
    const at = 1 + (x >> 3);
    if (row[Math.floor(x / scale)] !== true) bytes[at] = (bytes[at] ?? 0) | (0x80 >> (x & 7));
  }
  return bytes;
}

/**
 * A picture of black (true) and white squares as PNG.
 * @param scale pixels of a square's side
 */
export function encodePng(rows: readonly (readonly boolean[])[], scale: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE((rows[0]?.length ?? 0) * scale, 0);
  header.writeUInt32BE(rows.length * scale, 4);
  header.writeUInt8(BIT_DEPTH, 8);
  header.writeUInt8(GRAYSCALE, 9);
  const pixels = Buffer.concat(rows.flatMap((row) => Array<Buffer>(scale).fill(line(row, scale))));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
