import type { Vault } from '../../../kernel/crypto/vault.ts';
import { codeHash, linkSecretHash } from './secret.ts';

type Sealing = { readonly vault: Vault };
type Hashes = { readonly secret_hash: Buffer | null; readonly code_hash: Buffer | null };

/** The query key that carries a link's secret, or the code that was typed by hand. */
export const SECRET_KEY = 'secret';

/** The id of no invitation: what is no id is looked for as well, so that it takes as long (T07). */
export const NOBODYS = '00000000-0000-0000-0000-000000000000';
/** What a secret is compared with where nothing was found, for the same reason. */
export const NOTHING: Hashes = { secret_hash: Buffer.alloc(32), code_hash: Buffer.alloc(32) };

const hexOf = (hash: Buffer | null): string => hash?.toString('hex') ?? '';

function matches(ctx: Sealing, given: Buffer, stored: Buffer | null): boolean {
  return stored !== null && ctx.vault.sameText(hexOf(given), hexOf(stored));
}

/**
 * The secret that mails of an invitation carry, since the one of its link is not known any more: made of that one's hash,
 * by the server's key, and as good for as long.
 */
export function mailedSecret(ctx: Sealing, secretHash: Buffer): string {
  return ctx.vault.mac(hexOf(secretHash), 'invitation-mailed-link');
}

/**
 * What shows that somebody who knows the id may use the invitation as well (T14): of one with a secret link, the hash of
 * what matched; the empty text where nothing is asked for. Undefined: the bare id is not enough.
 */
export function proofOf(ctx: Sealing, hashes: Hashes, secret: string | null): string | undefined {
  if (hashes.secret_hash === null) return '';
  const link = linkSecretHash(ctx, secret ?? '');
  const code = codeHash(ctx, secret ?? '');
  // All are compared, whatever the first said: the time tells nothing.
  const isLink = matches(ctx, link, hashes.secret_hash);
  const isCode = matches(ctx, code, hashes.code_hash);
  const isMailed = ctx.vault.sameText(secret ?? '', mailedSecret(ctx, hashes.secret_hash));
  if (isLink || isMailed) return hexOf(hashes.secret_hash);
  return isCode ? hexOf(code) : undefined;
}

/** Whether what {@link proofOf} answered is good still: a new secret shuts the old link (T06). */
export function stillProves(ctx: Sealing, hashes: Hashes, proof: string): boolean {
  if (hashes.secret_hash === null) return true;
  if (proof === '') return false;
  const { sameText } = ctx.vault;
  return sameText(proof, hexOf(hashes.secret_hash)) || sameText(proof, hexOf(hashes.code_hash));
}
