import { hash as hashArgon2 } from '@node-rs/argon2';
import { availableParallelism } from 'node:os';
import { createBoundedPool, PoolFull } from './bounded-pool.ts';
import type { BoundedPool } from './bounded-pool.ts';
import { ARGON2, readStoredHash } from './password-formats.ts';

/** The most characters of a password that callers may pass on; longer ones they refuse. */
export const MAX_PASSWORD_LENGTH = 1024;

/** The hashing queue is full. Becomes a 503. */
export class HashingBusy extends Error {
  constructor() {
    super('Too many passwords wait to be hashed.');
    this.name = 'HashingBusy';
  }
}

export type PasswordCheck = { readonly ok: boolean; readonly rehash: boolean };

export type Passwords = {
  /**
   * The password as Django stores it: `argon2$argon2id$v=19$m=19456,t=2,p=1$…`. Normalised with NFKC first, so that it
   * verifies from every keyboard (NIST SP 800-63B-4 §3.1.1.2). Throws HashingBusy, RangeError when longer than
   * MAX_PASSWORD_LENGTH.
   */
  hash(password: string): Promise<string>;
  /**
   * Compares with a stored hash (see `readStoredHash` for the formats): as typed, as Django hashed it, then normalised.
   * `rehash` asks the caller to store `hash(password)` now. An unusable or unknown hash is `ok: false` after the time of
   * one hash. Throws HashingBusy, nothing else.
   */
  verify(password: string, encoded: string): Promise<PasswordCheck>;
  /** Takes the time that `verify` takes to refuse that password, for users that do not exist (T24). Throws HashingBusy. */
  verifyNothing(password?: string): Promise<void>;
  /** How many hashes wait for their turn. */
  waiting(): number;
};

export type PasswordOptions = {
  /** Hashes computed at once; default: the number of cores, leaving one of Node's pool threads to DNS and files. */
  readonly concurrency?: number;
  /** Hashes that may wait; default 100 (R11). */
  readonly queueLimit?: number;
};

const REFUSED: PasswordCheck = { ok: false, rehash: false };

/** Password hashing off the event loop, bounded so that a burst of logins cannot exhaust memory. */
export function createPasswords(options: PasswordOptions = {}): Passwords {
  const pool = createBoundedPool(options.concurrency ?? defaultConcurrency(), options.queueLimit ?? 100);

  async function verifyNothing(password = ''): Promise<void> {
    await runIn(pool, () => hashArgon2('nobody', ARGON2));
    // A real hash is compared a second time, with the normal form.
    if (password.length > MAX_PASSWORD_LENGTH || password.normalize('NFKC') === password) return;
    await runIn(pool, () => hashArgon2('nobody', ARGON2));
  }

  return {
    verifyNothing,
    waiting: pool.waiting,
    async hash(password) {
      if (password.length > MAX_PASSWORD_LENGTH) throw new RangeError('The password is too long.');
      return `argon2${await runIn(pool, () => hashArgon2(password.normalize('NFKC'), ARGON2))}`;
    },
    async verify(password, encoded) {
      const stored = readStoredHash(encoded);
      if (!stored || password.length > MAX_PASSWORD_LENGTH) {
        await verifyNothing(password);
        return REFUSED;
      }
      const normal = password.normalize('NFKC');
      if (await tryMatch(pool, () => stored.matches(password))) {
        return { ok: true, rehash: stored.outdated || normal !== password };
      }
      if (normal !== password && (await tryMatch(pool, () => stored.matches(normal)))) {
        return { ok: true, rehash: stored.outdated };
      }
      return REFUSED;
    },
  };
}

/** A hash that cannot be computed (memory, damaged text) does not match: errors deny. */
async function tryMatch(pool: BoundedPool, match: () => Promise<boolean>): Promise<boolean> {
  return runIn(pool, async () => {
    try {
      return await match();
    } catch {
      return false;
    }
  });
}

async function runIn<T>(pool: BoundedPool, task: () => Promise<T>): Promise<T> {
  try {
    return await pool(task);
  } catch (error) {
    if (error instanceof PoolFull) throw new HashingBusy();
    throw error;
  }
}

function defaultConcurrency(): number {
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  return Math.max(1, Math.min(availableParallelism(), threads - 1));
}
