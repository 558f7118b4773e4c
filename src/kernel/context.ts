import type { Actor } from './authz/actor.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { Passwords } from './crypto/passwords.ts';
import type { Vault } from './crypto/vault.ts';
import type { Database } from './db/types.ts';
import type { Events, RequestFacts } from './events/types.ts';
import type { Registry } from './feature.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Mail } from './mail/types.ts';
import type { Logger } from './log/types.ts';
import type { Outbound } from './outbound/types.ts';
import type { Random } from './random.ts';

/** The mechanisms a piece of work may use, and nothing else: never another module. */
export type Context = {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly passwords: Passwords;
  readonly vault: Vault;
  readonly mail: Mail;
  readonly outbound: Outbound;
  /** What features brought to the extension points. */
  readonly registry: Registry;
};

/** The context of one HTTP request. */
export type RequestContext = Context & {
  readonly requestId: string;
  /** `undefined` for the anonymous visitor. */
  readonly actor: Actor | undefined;
  /** The client's address; forwarded headers count only from configured proxies (A09). */
  readonly clientIp: string;
  /** The host that the request named, with its port; undefined for work on behalf of an earlier request. */
  readonly requestHost?: string;
  /** What events tell of the request. */
  readonly requestFacts: () => RequestFacts;
};
