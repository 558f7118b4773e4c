/** What the secret key does: encrypt, authenticate, fingerprint. `purpose` separates keys: one per use. */
export type Vault = {
  seal(plain: Buffer | string, purpose: string): Buffer;
  /** `undefined` when the bytes were sealed by another key, for another purpose, or changed. */
  open(sealed: Buffer, purpose: string): Buffer | undefined;
  /** HMAC-SHA256 in hex, for logs and look-ups. */
  fingerprint(text: string, purpose: string): string;
  /** HMAC-SHA256 in base64url, for values that come back. Compare with `sameText`. */
  mac(text: string, purpose: string): string;
  /** Compares in constant time (A16). */
  sameText(a: string, b: string): boolean;
  /** A fingerprint of the key itself: processes on one database must agree on it. Safe to store. */
  checkValue(): string;
};

/** `secretKey`: at least 32 characters. */
export declare function createVault(secretKey: string): Vault;
