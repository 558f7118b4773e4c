import { LRUCache } from 'lru-cache';
import type { Actor } from '../../kernel/authz/actor.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/db/types.ts';
import { ApiError } from '../../kernel/errors/api-error.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import type { Authentication } from '../../kernel/http/server.ts';
import { openSession, readCookie, SESSION_COOKIE } from '../sessions/index.ts';
import { actorOf } from './actor.ts';
import { checkCsrf } from './csrf.ts';
import { keyHash } from './key.ts';
import { findOwner } from './store.ts';

// A token that was revoked, or whose owner was deactivated, is good for at most this long in another process.
const CACHE_MILLISECONDS = 1_000;
const CACHE_ENTRIES = 10_000;

// Roles add to this in the next issue; until then only superusers may do anything.
const NO_PERMISSIONS: ReadonlySet<string> = new Set();

type ActorCache = LRUCache<string, Actor, Database>;

const caches = new WeakMap<Database, ActorCache>();

/**
 * One cache for each database, keyed by the token's fingerprint. Concurrent look-ups of one token share a query; unknown
 * tokens are not kept, so that guessing cannot push the known ones out.
 */
function cacheOf(db: Database): ActorCache {
  const known = caches.get(db);
  if (known) return known;
  const cache: ActorCache = new LRUCache({
    max: CACHE_ENTRIES,
    ttl: CACHE_MILLISECONDS,
    fetchMethod: (hash, _stale, { context }) => findActor(context, hash),
  });
  caches.set(db, cache);
  return cache;
}

async function findActor(db: Database, hash: string): Promise<Actor | undefined> {
  const owner = await findOwner(db, hash);
  return owner && actorOf({ ...owner, via: 'token', permissions: NO_PERMISSIONS });
}

/** Makes a changed or deleted token count at once in this process; other processes follow within a second. */
export function forgetToken(db: Database, hash: string): void {
  caches.get(db)?.delete(hash);
}

async function fromToken(ctx: Context, header: string): Promise<Actor> {
  const [scheme = '', ...rest] = header.split(' ');
  if (scheme.toLowerCase() !== 'bearer') throw new ApiError(403, { detail: 'Unsupported authentication type' });
  const actor = await cacheOf(ctx.db).fetch(keyHash(ctx, rest.join(' ')), { context: ctx.db });
  if (!actor) throw new ApiError(403, { detail: 'Token invalid/expired' });
  return actor;
}

async function fromSession(ctx: Context, request: HttpRequest): Promise<Actor | undefined> {
  const { cookie } = request.headers;
  if (readCookie(cookie, SESSION_COOKIE) === undefined) return undefined;
  const session = await openSession(ctx, cookie);
  if (!session.user || session.uuid === undefined) return undefined;
  checkCsrf(ctx, request, session);
  const { id, uuid, username, email, isSuperuser } = session.user;
  const facts = { id, uuid, username, email, isSuperuser, sessionUuid: session.uuid };
  return actorOf({ ...facts, via: 'session', permissions: NO_PERMISSIONS });
}

/**
 * Tells who asks: the `Authorization` header first, then the session cookie. A header without a space counts as absent.
 * Throws ApiError 403 with the contract's texts (part 1, 1.1); resolves without an actor when nothing was presented.
 */
export async function authenticate(ctx: Context, request: HttpRequest): Promise<Authentication> {
  const { authorization } = request.headers;
  if (authorization?.includes(' ')) return { actor: await fromToken(ctx, authorization) };
  return { actor: await fromSession(ctx, request) };
}
