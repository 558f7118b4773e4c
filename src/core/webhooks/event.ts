import type { Queryable } from '../../kernel/db/types.ts';
import { extensionPoint } from '../../kernel/feature.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';

/** What an event is about: kind, id and state, and no more than a receiver needs to ask for the rest. */
export type WebhookObject = {
  readonly type: string;
  readonly id: string;
  readonly [key: string]: string | number | null | { readonly [key: string]: string | number | null };
};

/** A kind of event that webhooks may ask for. */
export type WebhookEvent = {
  /** As receivers know it, such as `invitation_used`. */
  readonly type: string;
  readonly description: string;
  /**
   * What the audit log writes of it: an action, or of the general ones with the model, such as
   * `model_created authentik_core.user`.
   */
  readonly sources: readonly string[];
  /** What it is about, as it is now. Never a link, code or secret. */
  about(db: Queryable, said: Said): Promise<WebhookObject | undefined>;
};

/** What the audit log says of an event. */
export type Said = {
  readonly context: JsonObject;
  /** The instant, to the microsecond. */
  readonly occurred: string;
};

/** The point through which features say what webhooks may ask for. */
export const webhookEvent = extensionPoint<WebhookEvent>('webhook-event', (value) => value.type);
