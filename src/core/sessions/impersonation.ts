import type { Actor } from '../../kernel/authz/actor.ts';
import type { RequestContext } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { permissionDenied } from '../../kernel/errors/index.ts';
import { reply } from '../../kernel/http/message.ts';
import type { DirectReply, HttpRequest } from '../../kernel/http/message.ts';
import { sessionCookies } from './cookies.ts';
import { isSecure } from './secure.ts';
import { hashOf } from './session.ts';
import * as store from './store.ts';

/** The session a request came with. A token is its owner's and nobody else's: 403. */
export function sessionOf(actor: Actor | undefined): { readonly actor: Actor; readonly uuid: string } {
  if (!actor || actor.via !== 'session' || actor.sessionUuid === undefined) throw permissionDenied();
  return { actor, uuid: actor.sessionUuid };
}

/** From whom to whom a session goes, and what is told of it in the same transaction. */
export type Switch = store.Switch & { readonly tell: (tx: Transaction) => Promise<void> };

/**
 * Gives a session to another user, with a new key and without what was begun in it (T16). Out: the answer with the new
 * cookies. Throws 403 when the session is another's by now.
 */
export async function switchUser(ctx: RequestContext, request: HttpRequest, change: Switch): Promise<DirectReply> {
  const key = ctx.random.secret(32);
  const uid = await ctx.db.transaction(async (tx) => {
    const found = await store.switchUser(tx, { ...change, keyHash: hashOf(key) });
    if (found === undefined) throw permissionDenied();
    await change.tell(tx);
    return found;
  });
  const cookies = sessionCookies(ctx, { key, uid, maxAge: undefined }, isSecure({ ctx, request }));
  return reply({ status: 204, cookies });
}
