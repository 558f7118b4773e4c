import type { Context } from '../../kernel/context.ts';
import type { Place } from './store.ts';

/** Where a counter is kept: under a keyed hash, so that nobody reads an address, a name or a link out of the table. */
export function placeOf({ vault }: Context, { kind, key }: { readonly kind: string; readonly key: string }): Place {
  return { kind, key: vault.fingerprint(key, `limit ${kind}`) };
}
