import type { RequestContext } from '../context.ts';
import type { ParsedJson } from '../schema/json.ts';
import type { Json, JsonText } from '../schema/types.ts';
import type { DirectReply, HttpRequest } from './message.ts';

/** What an operation works on; filled step by step by the pipeline. */
export type OperationInput = {
  readonly ctx: RequestContext;
  readonly request: HttpRequest;
  /** What `find` found. */
  readonly object: unknown;
  /** The parsed body; of an operation without one `{}`. */
  readonly body: ParsedJson;
};

/** A status and the value of its body; undefined for none. */
export type Answer = { readonly status: number; readonly value: Json | JsonText | undefined };

/** Judges a caller who lacks a permission on everything and may have it on single objects (contract part 1, 1.3). */
export type ObjectLevel = {
  /** Whether there is any object for them. Otherwise the answer is a 403, whatever the path. */
  mayEnter(ctx: RequestContext): Promise<boolean>;
  /** Throws 404 when the object is not for their eyes, 403 when it is only for their eyes. */
  check?(ctx: RequestContext, request: HttpRequest): Promise<void>;
};

/** One method of one path, from a resource or an endpoint; the pipeline needs to know no more. */
export type Operation = {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v3`, with `{name}` segments. */
  readonly path: string;
  /** All are needed; none for any authenticated caller; 'public' lets the anonymous in. */
  readonly permissions: readonly string[] | 'public';
  /** Absent: only who has the permissions on everything. */
  readonly objectLevel?: ObjectLevel;
  readonly readsBody: boolean;
  /** Answers in other types than JSON too (the OpenAPI document). */
  readonly anyType?: boolean;
  /** Shown by OPTIONS. */
  readonly title: string;
  readonly description: string;
  /**
   * Finds the object of a detail URL among what the caller may see; throws 404. With `findsLate` only when something
   * else went wrong, so that an unknown id is a 404 and a good write stays one statement (contract 1.2).
   */
  readonly find?: (ctx: RequestContext, request: HttpRequest) => Promise<unknown>;
  readonly findsLate?: boolean;
  /**
   * Tried before the object is looked for, of callers who have the permissions on everything: does all by one statement
   * that writes nothing where anything is amiss. Undefined: nothing was written, and the usual way says what there is to
   * say, in its order.
   */
  readonly atOnce?: (input: Omit<OperationInput, 'object'>) => Promise<Answer | undefined>;
  run(input: OperationInput): Promise<Answer | DirectReply>;
};
