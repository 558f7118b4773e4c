import { LRUCache } from 'lru-cache';
import type { Actor } from '../../kernel/authz/actor.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/db/types.ts';
import { tokenInvalid, unsupportedAuthentication } from '../../kernel/errors/index.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import type { Authentication } from '../../kernel/http/pipeline.ts';
import { readCookie, SESSION_COOKIE, sessionOfRequest } from '../sessions/index.ts';
import { actorOf, actorOfSession } from './actor.ts';
import { checkCsrf } from './csrf.ts';
import { keyHash } from './key.ts';
import { findOwner } from './store.ts';

// A token that was revoked, or whose owner was deactivated, is good for at most this long in another process.
const CACHE_MILLISECONDS = 1_000;
const CACHE_ENTRIES = 10_000;
// Keys are not kept in memory for longer than they are in use.
const FINGERPRINT_MS = 60_000;

type ActorCache = {
  readonly known: LRUCache<string, Actor>;
  /** Look-ups under way: concurrent ones of one token share a query. */
  readonly pending: Map<string, Promise<Actor | undefined>>;
};

const caches = new WeakMap<Database, ActorCache>();

function cacheOf(db: Database): ActorCache {
  const present = caches.get(db);
  if (present) return present;
  const cache: ActorCache = {
    known: new LRUCache({ max: CACHE_ENTRIES, ttl: CACHE_MILLISECONDS }),
    pending: new Map(),
  };
  caches.set(db, cache);
  return cache;
}

async function loadActor(db: Database, hash: string): Promise<Actor | undefined> {
  const { known, pending } = cacheOf(db);
  // The second begins with the question: what was changed after it may be missing from a late answer.
  const start = performance.now();
  try {
    const owner = await findOwner(db, hash);
    const actor = owner && actorOf({ ...owner, ...owner.rights, via: 'token' });
    // Unknown tokens are not kept, so that guessing cannot push the known ones out; nor what was forgotten meanwhile.
    if (actor && pending.has(hash)) known.set(hash, actor, { start });
    return actor;
  } finally {
    pending.delete(hash);
  }
}

function findActor(db: Database, hash: string): Promise<Actor | undefined> | Actor {
  const { known, pending } = cacheOf(db);
  const present = known.get(hash) ?? pending.get(hash);
  if (present) return present;
  const loading = loadActor(db, hash);
  pending.set(hash, loading);
  return loading;
}

/** Makes a changed or deleted token count at once in this process; other processes follow within a second. */
export function forgetToken(db: Database, hash: string): void {
  const { known, pending } = cacheOf(db);
  known.delete(hash);
  pending.delete(hash);
}

// The fingerprint costs more than the rest of the look-up. Only of headers whose key is known, so that guessing cannot
// push them out; whether the key still counts is asked each time.
const fingerprints = new WeakMap<Database, LRUCache<string, string>>();

function fingerprintsOf(db: Database): LRUCache<string, string> {
  const present = fingerprints.get(db) ?? new LRUCache<string, string>({ max: CACHE_ENTRIES, ttl: FINGERPRINT_MS });
  fingerprints.set(db, present);
  return present;
}

async function fromToken(ctx: Context, header: string): Promise<Actor> {
  const known = fingerprintsOf(ctx.db);
  const hash = known.get(header) ?? hashOf(ctx, header);
  const actor = await findActor(ctx.db, hash);
  if (!actor) throw tokenInvalid();
  if (!known.has(header)) known.set(header, hash);
  return actor;
}

function hashOf(ctx: Context, header: string): string {
  const [scheme = '', ...rest] = header.split(' ');
  if (scheme.toLowerCase() !== 'bearer') throw unsupportedAuthentication();
  return keyHash(ctx, rest.join(' '));
}

async function fromSession(ctx: Context, request: HttpRequest): Promise<Actor | undefined> {
  const { cookie } = request.headers;
  if (readCookie(cookie, SESSION_COOKIE) === undefined) return undefined;
  const session = await sessionOfRequest(ctx, request);
  const actor = actorOfSession(session);
  if (actor) checkCsrf(ctx, request, session);
  return actor;
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
