import type { Transaction } from '../db/types.ts';
import type { Parameters } from '../resource/parameters.ts';

/** Who did it, as events and permissions see it. `undefined` stands for the anonymous visitor. */
export type EventUser = {
  pk: number;
  username: string;
  email: string;
  /** As whom they acted, if not as themselves. */
  on_behalf_of?: EventUser;
};

export type EventRecord = {
  /** A name that the feature registered (`eventAction`), such as `invitation_used`. */
  action: string;
  /** The feature that speaks, such as `vestibule.stages.invitation`. */
  app: string;
  context?: Record<string, unknown>;
  user?: EventUser | undefined;
  clientIp?: string | undefined;
  /** The host that the request named, by which the event has its brand; undefined: no request caused it. */
  host?: string | undefined;
};

/** What an event tells of the request that caused it; nothing of its query, body, cookies or path parameters. */
export type RequestFacts = {
  /** The pattern that matched, such as `/api/v3/core/users/{id}/`: paths carry tokens. */
  readonly path: string;
  readonly method: string;
  readonly request_id: string;
  readonly user_agent: string;
};

/** What a statement of its own adds to an event: SQL. */
export type MadeEvent = {
  /** A `from` clause; each of its rows is an event. */
  readonly from: string;
  /** A jsonb object that is put over the context, as it is. */
  readonly context: string;
};

/** An event as a part of another statement. */
export type EventPart = {
  /** `insert …`, with its values among the parameters that were given. */
  readonly sql: string;
  /** To be called when the statement is committed. */
  committed(): void;
};

/** Writes audit events in the transaction of the change they tell of: rolled back together, committed together. */
export type Events = {
  record(tx: Transaction, event: EventRecord): Promise<void>;
  /** For a change of one statement, which tells of itself: one round trip, and no transaction to open. */
  part(parameters: Parameters, event: EventRecord, made?: MadeEvent): EventPart;
  /** For a change whose own statement wrote its event: that it is committed. */
  told(action: string): void;
};
