import { createHash } from 'node:crypto';
import type { Context, RequestContext } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { SESSION_COOKIE, readCookie, verifySessionCookie } from './cookies.ts';
import { DEVICE_COOKIE } from './known-device.ts';
import type { SessionOwner } from './session-user.ts';
import * as store from './store.ts';

/** A visitor's session as loaded; never changed in place, see {@link saveSession}. */
export type Session = {
  /** `undefined`: not stored yet. */
  readonly uuid: string | undefined;
  /** The secret in the cookie; the database has its hash only. */
  readonly key: string;
  readonly version: number;
  /** `undefined` also for a user who was deactivated meanwhile (A18). */
  readonly user: SessionOwner | undefined;
  readonly state: JsonObject;
  /** Seconds the cookie is kept; undefined: until the browser closes. Set by the login that made it. */
  readonly maxAge: number | undefined;
  /** Whether the browser must be sent the cookies again. */
  readonly fresh: boolean;
  /**
   * The cookie's key was replaced a moment ago, by a login or logout that this request crossed. It is nobody's session:
   * the only right answer is to ask again, by then with the new cookie, and without setting another one.
   */
  readonly superseded: boolean;
  /** Of a superseded one, the session that took its place: for telling where it has got to, never for acting as its user. */
  readonly successor?: Pick<Session, 'user' | 'state'>;
  /** The browser's cookie of accounts that signed in there before. */
  readonly device: string | undefined;
};

/** What a save changes besides the state. */
export type SessionChange = {
  readonly state: JsonObject;
  /** Who is logged in from now on, for how many seconds (0: until the browser closes); null logs out. */
  readonly login?: { readonly userId: number; readonly seconds: number } | null;
};

/** Somebody else saved this session meanwhile, such as the same form sent twice at once. */
export class SessionConflict extends Error {}

const STATE = 'session';
const ANONYMOUS_SECONDS = 86_400;
/** How long the server keeps a login that the browser keeps until it closes. */
const BROWSER_SESSION_SECONDS = 14 * 86_400;

/** How the database knows a key. */
export const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

function newSession(ctx: Context, device: string | undefined): Session {
  return {
    uuid: undefined,
    key: ctx.random.secret(32),
    version: 0,
    user: undefined,
    state: {},
    maxAge: undefined,
    fresh: true,
    superseded: false,
    device,
  };
}

function openState(ctx: Context, sealed: Buffer | null): JsonObject {
  const plain = sealed && ctx.vault.open(sealed, STATE);
  return plain ? JSON.parse(plain.toString('utf8')) : {};
}

/**
 * The session of a request's cookie, judged by the database's clock; a new, unstored one when there is none.
 * @param cookie the `Cookie` header
 */
export async function openSession(ctx: Context, cookie: string | undefined): Promise<Session> {
  const key = verifySessionCookie(ctx, readCookie(cookie, SESSION_COOKIE));
  const device = readCookie(cookie, DEVICE_COOKIE);
  const row = key === undefined ? undefined : await store.find(ctx.db, hashOf(key));
  if (key === undefined || !row) return newSession(ctx, device);
  if (row.superseded) {
    const successor = { user: row.user ?? undefined, state: openState(ctx, row.data) };
    return { ...newSession(ctx, device), superseded: true, successor };
  }
  return {
    uuid: row.session_uuid,
    key,
    version: row.version,
    user: row.user ?? undefined,
    state: openState(ctx, row.data),
    maxAge: undefined,
    fresh: false,
    superseded: false,
    device,
  };
}

/** As whom somebody acts in the session of a request's cookie, also where they may not any more. */
export async function actingOfRequest(ctx: Context, request: HttpRequest): Promise<store.Acting | undefined> {
  const key = verifySessionCookie(ctx, readCookie(request.headers.cookie, SESSION_COOKIE));
  return key === undefined ? undefined : store.findActing(ctx.db, hashOf(key));
}

// A request may take its time over the body: who asks is looked up again when it took longer than this.
const REQUEST_SESSION_MS = 1000;
const ofRequests = new WeakMap<HttpRequest, { readonly at: number; readonly session: Promise<Session> }>();

/** {@link openSession} for a request: its permission check and its work share one look-up. */
export function sessionOfRequest(ctx: Context, request: HttpRequest): Promise<Session> {
  const at = performance.now();
  const known = ofRequests.get(request);
  if (known && at - known.at < REQUEST_SESSION_MS) return known.session;
  const session = openSession(ctx, request.headers.cookie);
  ofRequests.set(request, { at, session });
  return session;
}

/**
 * Stores a session and answers it as it is now. A login or logout gives it a new key and keeps the data, so that a key
 * planted before is worth nothing after (T16, E21).
 * @throws SessionConflict when it was changed since it was loaded
 */
export async function saveSession(
  ctx: RequestContext & { readonly userAgent?: string },
  db: Queryable,
  save: { session: Session; change: SessionChange },
): Promise<Session> {
  const { session, change } = save;
  const rotates = change.login !== undefined;
  const key = rotates ? ctx.random.secret(32) : session.key;
  const row = {
    keyHash: hashOf(key),
    data: ctx.vault.seal(JSON.stringify(change.state), STATE),
    ip: ctx.clientIp,
    userAgent: (ctx.userAgent ?? '').slice(0, 255),
    login: change.login,
    seconds: change.login ? change.login.seconds || BROWSER_SESSION_SECONDS : ANONYMOUS_SECONDS,
  };
  const saved = session.uuid
    ? await store.update(db, { ...row, uuid: session.uuid, version: session.version })
    : await store.insert(db, row);
  if (!saved) throw new SessionConflict('The session was changed meanwhile.');
  return {
    uuid: saved.session_uuid,
    key,
    version: saved.version,
    user: rotates ? (saved.user ?? undefined) : session.user,
    state: change.state,
    maxAge: change.login && change.login.seconds > 0 ? change.login.seconds : undefined,
    fresh: rotates || session.fresh,
    superseded: false,
    device: session.device,
  };
}
