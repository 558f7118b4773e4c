import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { systemRandom } from '../random.ts';

/** What the secret key does: encrypt, authenticate, fingerprint. `purpose` separates the keys: one per use. */
export type Vault = {
  /** AES-256-GCM with a random nonce: version byte, nonce (12), ciphertext, tag (16). The purpose is authenticated. */
  seal(plain: Buffer | string, purpose: string): Buffer;
  /** `undefined` when the bytes were sealed by another key, for another purpose, or changed. */
  open(sealed: Buffer, purpose: string): Buffer | undefined;
  /** HMAC-SHA256 in hex, for logs and look-ups. */
  fingerprint(text: string, purpose: string): string;
  /** HMAC-SHA256 in base64url, for values that come back from a client. Compare with `sameText`. */
  mac(text: string, purpose: string): string;
  /** Compares two texts of any length in constant time (A16). */
  sameText(a: string, b: string): boolean;
  /** A fingerprint of the key itself, safe to store: processes on one database must agree on it. */
  checkValue(): string;
};

/** The fewest characters of a secret key. */
export const MIN_SECRET_KEY_LENGTH = 32;

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES;

type KeyUse = 'seal' | 'mac' | 'fingerprint';

/** A vault for one secret key of at least 32 characters. Throws RangeError for a shorter one. */
export function createVault(secretKey: string): Vault {
  if (secretKey.length < MIN_SECRET_KEY_LENGTH) throw new RangeError('The secret key is too short.');
  const keys = new Map<string, Buffer>();

  // RFC 5869: the info separates uses and purposes, so that no output of one means anything to another.
  function keyFor(use: KeyUse, purpose: string): Buffer {
    const info = `vestibule ${use} ${purpose}`;
    const known = keys.get(info);
    if (known) return known;
    const key = Buffer.from(hkdfSync('sha256', secretKey, '', info, 32));
    keys.set(info, key);
    return key;
  }

  function fingerprint(text: string, purpose: string): string {
    return createHmac('sha256', keyFor('fingerprint', purpose)).update(text).digest('hex');
  }

  return {
    fingerprint,
    sameText,
    seal: (plain, purpose) => seal(plain, keyFor('seal', purpose), purpose),
    open: (sealed, purpose) => open(sealed, keyFor('seal', purpose), purpose),
    mac: (text, purpose) => createHmac('sha256', keyFor('mac', purpose)).update(text).digest('base64url'),
    checkValue: () => fingerprint('the secret key of this installation', 'check value'),
  };
}

function seal(plain: Buffer | string, key: Buffer, purpose: string): Buffer {
  const nonce = systemRandom.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(authenticated(purpose));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, body, cipher.getAuthTag()]);
}

function open(sealed: Buffer, key: Buffer, purpose: string): Buffer | undefined {
  if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION) return undefined;
  const nonce = sealed.subarray(1, HEADER_BYTES);
  // The length is fixed: Node takes tags of 4 bytes otherwise, which can be guessed.
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(authenticated(purpose)).setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function authenticated(purpose: string): Buffer {
  return Buffer.from(`${VERSION} ${purpose}`);
}

// Digests, because timingSafeEqual wants equal lengths and must not tell the length.
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
