import type { Transaction } from '../db/types.ts';

/** Who did it, as events and permissions see it. `undefined` stands for the anonymous visitor. */
export type EventUser = { pk: number; username: string; email: string };

export type EventRecord = {
  /** A name that the feature registered (`eventAction`), such as `invitation_used`. */
  action: string;
  /** The feature that speaks, such as `vestibule.stages.invitation`. */
  app: string;
  context?: Record<string, unknown>;
  user?: EventUser | undefined;
  clientIp?: string | undefined;
};

/** What an event tells of the request that caused it; nothing of its query, body, cookies or path parameters. */
export type RequestFacts = {
  /** The pattern that matched, such as `/api/v3/core/users/{id}/`: paths carry tokens. */
  readonly path: string;
  readonly method: string;
  readonly request_id: string;
  readonly user_agent: string;
};

/** Writes audit events in the transaction of the change they tell of: rolled back together, committed together. */
export type Events = { record(tx: Transaction, event: EventRecord): Promise<void> };
