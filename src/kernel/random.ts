import { randomBytes, randomUUID } from 'node:crypto';

/** The source of ids and secrets. Tests may pass a seeded one. */
export type Random = {
  /** A version 4 UUID, lower case and dashed (RFC 9562 §5.4). */
  uuid(): string;
  /** `length` cryptographically random bytes. */
  bytes(length: number): Buffer;
  /** A secret of `length` letters and digits (62 symbols, uniform). */
  secret(length: number): string;
};

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function secret(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 248 = 4 * 62: bytes above would favour the first symbols.
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}

const BLOCK = 4096;
let block = Buffer.alloc(0);
let used = 0;

// A call into the generator costs more than the bytes it gives, so that few bytes (an id for each request) come from a
// block. Each byte is given out once.
function bytes(length: number): Buffer {
  if (length > BLOCK / 16) return randomBytes(length);
  if (used + length > block.length) {
    block = randomBytes(BLOCK);
    used = 0;
  }
  const given = Buffer.from(block.subarray(used, used + length));
  block.fill(0, used, used + length);
  used += length;
  return given;
}

export const systemRandom: Random = { uuid: randomUUID, bytes, secret };
