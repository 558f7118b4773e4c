import type { RequestContext } from '../context.ts';
import type { Parameter } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';
import type { Field, Fields, InputOf, SchemaObject, Shape } from '../resource/field.ts';
import type { Resource, Row } from '../resource/resource.ts';
import type { Json } from '../schema/types.ts';
import type { HttpRequest } from './message.ts';
import type { Union } from '../resource/union.ts';

/** The body of a status: a shape, an array of one, nothing, or a ready schema object (binary files). */
export type ResponseBody =
  | Shape
  | Union
  | { readonly array: Shape }
  | { readonly paginated: Shape }
  | { readonly schema: SchemaObject; readonly type?: string }
  | null;

export type EndpointInput<Q extends Fields, B extends Fields, Partial_ extends boolean> = {
  /** The row, when the endpoint is `on` a resource's object. */
  readonly object: Row;
  readonly body: Partial_ extends true ? Partial<InputOf<B>> : InputOf<B>;
  /** The body before the checks of its fields: an object, though nothing in it is checked. */
  readonly raw: Readonly<Record<string, Json>>;
  readonly query: Partial<InputOf<Q>>;
  readonly params: Readonly<Record<string, string>>;
  readonly request: HttpRequest;
};

export type EndpointDeclaration<Q extends Fields, B extends Fields, P extends boolean> = {
  /** Puts the path below the resource's, and below its object's unless `detail` is false; brings 403 and 404. */
  readonly on?: Resource;
  readonly detail?: boolean;
  /**
   * With `detail: false`: whoever holds the permissions on single objects of the resource is let in as well, and needs to be
   * allowed to view them; the handler keeps to those objects.
   */
  readonly perObject?: boolean;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `send_email/` with `on`, else absolute below `/api/v3`, with `{name}` segments. */
  readonly path: string;
  readonly operationId: string;
  /** By default the first segment of the path. */
  readonly tag?: string;
  readonly summary?: string;
  readonly description?: string;
  /** `app_label.codename`; null for any authenticated caller; `public` lets the anonymous in. */
  readonly permission: string | null;
  /** With `permission: null`: the anonymous get to the handler, which refuses them; it knows more of who asks. */
  readonly refuses?: boolean;
  /** Schemas of the path's `{name}` segments for the document; text if absent. */
  readonly params?: Fields;
  readonly query?: Q;
  /** Takes the filters, order and search of the resource's list as well; the handler applies them (`createList`). */
  readonly filtered?: boolean;
  readonly body?: Shape<B>;
  /** One of several bodies; the handler reads and checks it, the document shows it. */
  readonly bodyUnion?: Union;
  /** A body that the handler checks itself, taken from `raw`: an object, within the limits of D16. */
  readonly rawBody?: Union;
  /** Absent keys are no fault, as in PATCH. */
  readonly partial?: P;
  readonly responses: Readonly<Record<number, ResponseBody>>;
  /** Judges the caller by what the object is, before the body is read (P1). @throws 403 */
  readonly admit?: (ctx: RequestContext, object: Row) => Promise<void>;
  /** Runs before the checks of the body's fields, for errors that come first. */
  readonly before?: (ctx: RequestContext, input: Omit<EndpointInput<Q, B, P>, 'body'>) => void | Promise<void>;
  /**
   * Of an endpoint on an object: does it by one statement that finds the object by its key as well. Out: the value to
   * present; undefined: nothing was written, and the usual way is gone.
   */
  readonly atOnce?: (
    ctx: RequestContext,
    input: Omit<EndpointInput<Q, B, P>, 'object'> & { readonly key: Parameter },
  ) => Promise<{ readonly value: unknown } | undefined>;
  /** Out: the value to present by the declared response, undefined for an empty one, or `reply({…})`. */
  readonly handle: (ctx: RequestContext, input: EndpointInput<Q, B, P>) => unknown;
};

/** A declared endpoint, erased. */
export type Endpoint = EndpointDeclaration<Fields, Fields, boolean>;

/** Declares a special operation; one file each. */
export function defineEndpoint<
  const Q extends Fields = Record<never, Field>,
  const B extends Fields = Record<never, Field>,
  const P extends boolean = false,
>(declaration: EndpointDeclaration<Q, B, P>): Endpoint {
  // Erased here: handlers are called with input that was checked against exactly these fields.
  return declaration as unknown as Endpoint;
}

export const endpoint = extensionPoint<Endpoint>('endpoint', (value) => value.operationId);
