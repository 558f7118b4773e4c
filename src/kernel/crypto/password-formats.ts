import { parseOptions, verify as verifyArgon2 } from '@node-rs/argon2';
import type { ParsedHashOptions } from '@node-rs/argon2';
import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** Memory in KiB, passes, lanes: OWASP's first choice for Argon2id (Password Storage Cheat Sheet). */
export const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A stored hash that we can check. `outdated`: weaker than, or written otherwise than, what we write ourselves. */
export type StoredHash = { readonly outdated: boolean; matches(password: string): Promise<boolean> };

const pbkdf2Async = promisify(pbkdf2);
const DIGESTS: ReadonlyMap<string, { readonly name: string; readonly bytes: number }> = new Map([
  ['pbkdf2_sha256', { name: 'sha256', bytes: 32 }],
  ['pbkdf2_sha1', { name: 'sha1', bytes: 20 }],
]);
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
// An imported hash must not be able to stop the server: about 10 times what Django uses today.
const MAX_PBKDF2_ITERATIONS = 15_000_000;
const MAX_MEMORY_KIB = 1_048_576;
const MAX_TIME_COST = 64;
const MAX_SCRYPT_BYTES = 256 * 1024 * 1024;
const MAX_SCRYPT_LANES = 64;
const ARGON2ID = 2; // Algorithm.Argon2id, an ambient const enum that isolated modules cannot read
const ARGON2_VERSION_19 = 1; // Version.V0x13

/**
 * Reads a hash as Django stores it: `argon2$argon2id$…` (also the bare `$argon2id$…`), `pbkdf2_sha256$…`,
 * `pbkdf2_sha1$…`, `scrypt$…`. Out: `undefined` for an unusable password (`!…`), an unknown format, or a cost beyond reason.
 */
export function readStoredHash(encoded: string): StoredHash | undefined {
  if (encoded.startsWith('argon2$')) return readArgon2(encoded.slice('argon2'.length), false);
  if (encoded.startsWith('$argon2')) return readArgon2(encoded, true);
  if (encoded.startsWith('scrypt$')) return readScrypt(encoded);
  return readPbkdf2(encoded);
}

function readArgon2(phc: string, bare: boolean): StoredHash | undefined {
  const options = argon2Options(phc);
  if (!options || options.memoryCost > MAX_MEMORY_KIB || options.timeCost > MAX_TIME_COST) return undefined;
  const current =
    options.algorithm === ARGON2ID &&
    options.version === ARGON2_VERSION_19 &&
    options.memoryCost >= ARGON2.memoryCost &&
    options.timeCost >= ARGON2.timeCost;
  return { outdated: bare || !current, matches: (password) => verifyArgon2(phc, password) };
}

function argon2Options(phc: string): ParsedHashOptions | undefined {
  try {
    return parseOptions(phc);
  } catch {
    return undefined;
  }
}

// Django: algorithm$iterations$salt$base64, the salt as plain text.
function readPbkdf2(encoded: string): StoredHash | undefined {
  const [algorithm = '', rounds = '', salt, hash = '', ...rest] = encoded.split('$');
  const digest = DIGESTS.get(algorithm);
  const iterations = readCount(rounds, MAX_PBKDF2_ITERATIONS);
  if (!digest || !iterations || !salt || rest.length > 0 || !BASE64.test(hash)) return undefined;
  const expected = Buffer.from(hash, 'base64');
  if (expected.length !== digest.bytes) return undefined;
  return {
    outdated: true,
    async matches(password) {
      return timingSafeEqual(await pbkdf2Async(password, salt, iterations, digest.bytes, digest.name), expected);
    },
  };
}

// Django: scrypt$N$salt$r$p$base64.
function readScrypt(encoded: string): StoredHash | undefined {
  const [, work = '', salt, block = '', lanes = '', hash = '', ...rest] = encoded.split('$');
  const N = readCount(work, 2 ** 24);
  const r = readCount(block, 64);
  const p = readCount(lanes, MAX_SCRYPT_LANES);
  if (!N || !r || !p || !salt || rest.length > 0 || !BASE64.test(hash)) return undefined;
  const expected = Buffer.from(hash, 'base64');
  // Under 32 bytes a guess would match too easily; N must be a power of two (RFC 7914 §2).
  if (expected.length < 32 || (N & (N - 1)) !== 0 || N < 2 || 128 * N * r > MAX_SCRYPT_BYTES) return undefined;
  const cost = { N, r, p, maxmem: 2 * MAX_SCRYPT_BYTES };
  return {
    outdated: true,
    async matches(password) {
      return timingSafeEqual(await scryptAsync(password, salt, { ...cost, length: expected.length }), expected);
    },
  };
}

type ScryptCost = { N: number; r: number; p: number; maxmem: number; length: number };

function scryptAsync(password: string, salt: string, cost: ScryptCost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, cost.length, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function readCount(text: string, max: number): number | undefined {
  if (!/^[1-9]\d{0,9}$/.test(text)) return undefined;
  return Number(text) <= max ? Number(text) : undefined;
}
