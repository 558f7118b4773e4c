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
  /** The password as Django stores it, `argon2$argon2id$v=19$m=19456,t=2,p=1$…`. Throws HashingBusy. */
  hash(password: string): Promise<string>;
  /** Compares; `rehash` asks the caller to store `hash(password)` now. Never throws but HashingBusy. */
  verify(password: string, encoded: string): Promise<PasswordCheck>;
  /** Takes the time of one `verify`, for users that do not exist (T24). Throws HashingBusy. */
  verifyNothing(): Promise<void>;
};

export type PasswordOptions = {
  /** Hashes computed at once; default: the number of cores. */
  readonly concurrency?: number;
  /** Hashes that may wait; default 100. */
  readonly queueLimit?: number;
};

export declare function createPasswords(options?: PasswordOptions): Passwords;
