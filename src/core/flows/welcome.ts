import type { RequestContext } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import type { Session } from '../sessions/index.ts';
import type { PageLocale } from './page/schema.ts';
import type { FlowRow } from './store.ts';

/** A page of a feature's own, rendered by the component that its `ui/pages.tsx` has under that name. */
export type OwnPage = {
  readonly page: string;
  readonly data: JsonObject;
  /** Absent: what the browser asks for. */
  readonly locale?: PageLocale | undefined;
  readonly status?: number;
  /** What the page was made of, for the answer to it; its form carries it along, sealed. */
  readonly keeps?: JsonObject;
};

/** Somebody stands before a flow with a link, and has no plan of it. */
export type Arrival = {
  readonly ctx: RequestContext;
  readonly flow: FlowRow;
  readonly session: Session;
  /** What the link brought: the query keys that stages call their own, as they were given. */
  readonly link: URLSearchParams;
  /** What the page kept whose button was pressed; nothing when somebody only looks. */
  readonly kept: JsonObject;
  /** The language that the browser asks for. */
  readonly locale: PageLocale;
};

/** What pressing a button of a first page leads to. */
export type WelcomeOutcome =
  | { readonly kind: 'begin' }
  | { readonly kind: 'page'; readonly page: OwnPage }
  | { readonly kind: 'redirect'; readonly to: string };

/**
 * The first page of a link, shown before the flow is begun: whoever only looks begins nothing (T04). Without one, or
 * when none has anything to say, the page of a flow begins it at once.
 */
export type Welcome = {
  readonly name: string;
  /** GET: changes nothing. */
  greet(arrival: Arrival): Promise<OwnPage | undefined>;
  /** A button was pressed; `action` is its value. */
  answer(arrival: Arrival, action: string): Promise<WelcomeOutcome>;
};

export const welcome = extensionPoint<Welcome>('welcome', (value) => value.name);
