import type { Vault } from '../../../kernel/crypto/vault.ts';
import type { Random } from '../../../kernel/random.ts';

/** What can make a fingerprint: every context. */
type Sealing = { readonly vault: Vault };

// Crockford's Base 32: no I, L, O or U, so that whoever reads a code aloud or off paper has one way to write it.
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LOOK_ALIKES: { readonly [letter: string]: string } = { I: '1', L: '1', O: '0', U: 'V' };
// 50 bits: what the limit on wrong codes lets through finds none of a million open ones in years.
const CODE_LENGTH = 10;
const GROUP_LENGTH = 5;
// 62 to the power of 32: some 190 bits.
const SECRET_LENGTH = 32;

const fingerprint = (ctx: Sealing, text: string, purpose: string): Buffer =>
  Buffer.from(ctx.vault.fingerprint(text, purpose), 'hex');

/** A new code to be typed by hand, as it is shown: ten symbols in two groups, such as `4K7MQ-9XW2T`. */
export function newCode(random: Pick<Random, 'bytes'>): string {
  const symbols = Array.from(random.bytes(CODE_LENGTH), (byte) => SYMBOLS.charAt(byte % SYMBOLS.length)).join('');
  return `${symbols.slice(0, GROUP_LENGTH)}-${symbols.slice(GROUP_LENGTH)}`;
}

/** A new secret that a link carries beside the id: 32 letters and digits. */
export function newSecret(random: Pick<Random, 'secret'>): string {
  return random.secret(SECRET_LENGTH);
}

/**
 * A code as it is hashed, from what somebody typed: upper case, without what is neither letter nor digit, letters that
 * are in no code read as what they look like. Of what is no code it answers a text that is none either.
 */
export function normalizeCode(text: string): string {
  const symbols = text.normalize('NFKC').toUpperCase();
  return symbols.replace(/[^0-9A-Z]/g, '').replace(/[ILOU]/g, (letter) => LOOK_ALIKES[letter] ?? letter);
}

/** What is stored of a code and finds its invitation (`invitation.code_hash`): 32 bytes, keyed by the secret key. */
export function codeHash(ctx: Sealing, code: string): Buffer {
  return fingerprint(ctx, normalizeCode(code), 'invitation-code');
}

/** What is stored of a link's secret (`invitation.secret_hash`): 32 bytes, keyed by the secret key. */
export function linkSecretHash(ctx: Sealing, secret: string): Buffer {
  return fingerprint(ctx, secret, 'invitation-link');
}
