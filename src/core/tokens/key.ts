import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import { insert } from './store.ts';

const PURPOSE = 'api-token';
const KEY_LENGTH = 60;

/** A key as it is stored: its fingerprint for look-ups, and sealed so that it can be shown (decision 0004). */
export type StoredKey = { readonly hash: string; readonly sealed: Buffer };

/** What finds a token by its key. */
export function keyHash(ctx: Pick<Context, 'vault'>, key: string): string {
  return ctx.vault.fingerprint(key, PURPOSE);
}

/** A key in its stored form. */
export function storedKey(ctx: Pick<Context, 'vault'>, key: string): StoredKey {
  return { hash: keyHash(ctx, key), sealed: ctx.vault.seal(key, PURPOSE) };
}

/** The key in clear; undefined when it was sealed with another secret key. */
export function openKey(ctx: Pick<Context, 'vault'>, sealed: Buffer): string | undefined {
  return ctx.vault.open(sealed, PURPOSE)?.toString('utf8');
}

/** A new random key of 60 letters and digits. */
export function newKey(ctx: Pick<Context, 'random'>): string {
  return ctx.random.secret(KEY_LENGTH);
}

/**
 * Makes an API token, for commands and the first start. In: `key` to use one that somebody chose; `expires` in ISO 8601,
 * null for never. Out: the key in clear. An identifier or key that exists already is the database's unique violation.
 */
export async function createApiToken(
  ctx: Pick<Context, 'vault' | 'random'>,
  db: Queryable,
  token: { identifier: string; userId: number; key?: string; description?: string; expires?: string | null },
): Promise<string> {
  const key = token.key ?? newKey(ctx);
  await insert(db, {
    identifier: token.identifier,
    userId: token.userId,
    intent: 'api',
    description: token.description ?? '',
    expires: token.expires ?? null,
    key: storedKey(ctx, key),
  });
  return key;
}
