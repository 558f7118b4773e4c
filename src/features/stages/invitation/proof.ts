import type { Vault } from '../../../kernel/crypto/vault.ts';
import { codeHash, linkSecretHash } from './secret.ts';

type Sealing = { readonly vault: Vault };
type Hashes = { readonly secret_hash: Buffer | null; readonly code_hash: Buffer | null };

/** The query key that carries a link's secret, or the code that was typed by hand. */
export const SECRET_KEY = 'secret';

const hexOf = (hash: Buffer | null): string => hash?.toString('hex') ?? '';

function matches(ctx: Sealing, given: Buffer, stored: Buffer | null): boolean {
  return stored !== null && ctx.vault.sameText(hexOf(given), hexOf(stored));
}

/**
 * What shows that somebody who knows the id may use the invitation as well (T14): of one with a secret link, the hash of
 * what matched; the empty text where nothing is asked for. Undefined: the bare id is not enough.
 */
export function proofOf(ctx: Sealing, hashes: Hashes, secret: string | null): string | undefined {
  if (hashes.secret_hash === null) return '';
  const link = linkSecretHash(ctx, secret ?? '');
  const code = codeHash(ctx, secret ?? '');
  // Both are compared, whatever the first said: the time tells nothing.
  const isLink = matches(ctx, link, hashes.secret_hash);
  const isCode = matches(ctx, code, hashes.code_hash);
  if (isLink) return hexOf(link);
  return isCode ? hexOf(code) : undefined;
}

/** Whether what {@link proofOf} answered is good still: a new secret shuts the old link (T06). */
export function stillProves(ctx: Sealing, hashes: Hashes, proof: string): boolean {
  if (hashes.secret_hash === null) return true;
  if (proof === '') return false;
  const { sameText } = ctx.vault;
  return sameText(proof, hexOf(hashes.secret_hash)) || sameText(proof, hexOf(hashes.code_hash));
}
