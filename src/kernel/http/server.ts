import type { Actor } from '../authz/actor.ts';
import type { Context } from '../context.ts';
import type { Registry } from '../feature.ts';
import type { HttpRequest } from './message.ts';

/** What authentication found out. */
export type Authentication = {
  readonly actor: Actor | undefined;
  /** `Set-Cookie` values for the answer, whatever it is. */
  readonly cookies?: readonly string[];
};

export type ServerOptions = {
  readonly context: Context;
  readonly registry: Registry;
  /**
   * Tells who asks: the token first, then the session. Throws ApiError (403) for a bad token, another scheme or a
   * missing CSRF header; resolves without an actor when nothing was presented (contract part 1, 1.1).
   */
  readonly authenticate: (request: HttpRequest) => Promise<Authentication>;
};
