import type { RequestContext } from '../context.ts';
import type { Queryable, Transaction } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';
import type { HttpRequest } from '../http/message.ts';
import type { Json } from '../schema/types.ts';
import type { Access } from './access.ts';
import type { ProblemKind } from './problem.ts';
import type { Properties, Type, ValuesOf } from './type.ts';

/** An answer that is no JSON, by its media type. */
export type Media = { readonly media: string };

/** What an operation is about: one object, which has an ETag. */
export type Subject<O = unknown> = {
  /** What GET shows of it. */
  readonly type: Type;
  /** Finds it by the path's parameters; with `lock` for a change, so that nobody else changes it meanwhile. */
  load(ctx: RequestContext, find: { db: Queryable; params: Params; lock: boolean }): Promise<O | undefined>;
  /** The value that GET shows, to be cut down to `type`. */
  represent(ctx: RequestContext, object: O, request: HttpRequest): unknown;
};

export type Params = Readonly<Record<string, string>>;

/** What a handler gives back. */
export type Result = {
  /** To be cut down to the declared type; undefined for an empty answer; text or bytes for media. */
  readonly value?: unknown;
  /** Which of the declared answers it is; by default the first. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** What GET of the object in question shows now; it gives the ETag. */
  readonly represents?: unknown;
};

export type Input<Q extends Properties, B, O> = {
  readonly params: Params;
  readonly query: ValuesOf<Q>;
  readonly body: B;
  readonly object: O;
  readonly request: HttpRequest;
};

export type RawBody = {
  /** Its media types; what the handler gets are the bytes. */
  readonly types: readonly string[];
  /** What a JSON body is, for the document. */
  readonly json?: Type;
  /** In bytes. */
  readonly limit: number;
};

type Common<Q extends Properties, O> = {
  readonly operationId: string;
  /** Below `/api/vestibule/v1`, without a slash at the end, with `{name}` segments. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** Types of the path's segments; one that does not fit is a 404. */
  readonly params?: Properties;
  readonly query?: Q;
  readonly subject?: Subject<O>;
  /** By status, the usual one first; null for an empty body. */
  readonly responses: Readonly<Record<number, Type | Media | null>>;
  /** Headers that its handler gives, for the document. */
  readonly tells?: readonly ('ETag' | 'Location')[];
  /** What may go wrong besides what may go wrong everywhere. */
  readonly problems?: readonly ProblemKind[];
};

/** An operation that changes nothing. */
export type Read<Q extends Properties, O> = Common<Q, O> & {
  readonly handle: (ctx: RequestContext, input: Input<Q, undefined, O>) => Promise<Result> | Result;
};

/** An operation that changes something, in one transaction with its events, its jobs and its idempotent answer. */
export type Change<Q extends Properties, B, O> = Common<Q, O> & {
  readonly method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly body?: Type<B>;
  /** Bytes of a JSON body; 1 MiB unless given. */
  readonly bodyLimit?: number;
  /** A body that the handler reads: `input.body` is a Buffer. */
  readonly rawBody?: RawBody;
  /** The body is a merge patch (RFC 7396) of what this gives of the object; `input.body` is the checked outcome. */
  readonly merges?: (ctx: RequestContext, object: O) => Json;
  /** Whether If-Match is demanded; it is looked at wherever it is given and there is a subject. */
  readonly needsIfMatch?: boolean;
  /** Whether the object may be missing, and this makes it; else that is a 404. */
  readonly makes?: boolean;
  readonly handle: (ctx: RequestContext, input: Input<Q, B, O> & { readonly tx: Transaction }) => Promise<Result>;
};

/**
 * A change whose writes are one statement, which needs no transaction around it; there is one where the answer is kept
 * for an Idempotency-Key, or If-Match asks what the object is like.
 */
export type SingleChange<Q extends Properties, B, O> = Omit<Change<Q, B, O>, 'handle'> & {
  /**
   * Tried before the object is looked for: does all by one statement that writes nothing where anything is amiss.
   * Undefined, or a problem: nothing was written, and the usual way says what there is to say, in its order.
   */
  readonly atOnce?: (
    ctx: RequestContext,
    input: Omit<Input<Q, B, O>, 'object'> & { readonly db: Queryable },
  ) => Promise<Result | undefined>;
  /** `object` is as it was a moment ago: nobody was kept from changing it since. */
  readonly handle: (
    ctx: RequestContext,
    input: Input<Q, B, O> & { readonly db: Queryable | Transaction },
  ) => Promise<Result>;
};

/** A declared operation, erased. */
export type OwnOperation = Omit<Change<Properties, unknown, unknown>, 'method' | 'handle'> & {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly single?: boolean;
  readonly atOnce?: (
    ctx: RequestContext,
    input: Omit<Input<Properties, unknown, unknown>, 'object'> & { readonly db: Queryable },
  ) => Promise<Result | undefined>;
  readonly handle: (
    ctx: RequestContext,
    input: Input<Properties, unknown, unknown> & {
      readonly db: Queryable | Transaction;
      readonly tx: Transaction | undefined;
    },
  ) => Promise<Result> | Result;
};

/** Declares a GET of the own API; one file each. */
export function defineRead<const Q extends Properties = Record<never, Type>, O = undefined>(
  declaration: Read<Q, O>,
): OwnOperation {
  // Erased here, as below: handlers are called with what was checked against exactly these types.
  return { ...declaration, method: 'GET' } as unknown as OwnOperation;
}

/** Declares a change of the own API; one file each. */
export function defineChange<const Q extends Properties = Record<never, Type>, B = undefined, O = undefined>(
  declaration: Change<Q, B, O>,
): OwnOperation {
  return declaration as unknown as OwnOperation;
}

/** Declares a change of one statement; one file each. */
export function defineSingleChange<const Q extends Properties = Record<never, Type>, B = undefined, O = undefined>(
  declaration: SingleChange<Q, B, O>,
): OwnOperation {
  return { ...declaration, single: true } as unknown as OwnOperation;
}

/** The point through which features bring operations of `/api/vestibule/v1`. */
export const ownOperation = extensionPoint<OwnOperation>('own-operation', (value) => value.operationId);
