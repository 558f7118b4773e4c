/** At most so many points within so many seconds, for each key apart. The window begins with its first point. */
export type Limit = {
  /** What is counted, such as `invitation.link`: a name for metrics and events, the same for every key. */
  readonly kind: string;
  /** Whose points: an id, an address, a name. Only its keyed hash is stored. */
  readonly key: string;
  readonly points: number;
  readonly seconds: number;
  /** What the event says besides, when the limit is hit; never a secret. */
  readonly about?: Readonly<Record<string, unknown>>;
};

/** Failures in a row: the first ones are free, then each is followed by a longer wait, and there is a last one. */
export type Streak = {
  readonly kind: string;
  readonly key: string;
  /** Failures before the first wait. */
  readonly free: number;
  /** Failures after which no attempt begins until something else ends the streak (`succeed`). */
  readonly most: number;
  /** Seconds of the first wait; each further one is twice as long, up to the longest. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** Seconds after its last failure when a streak is forgotten; null: only success ends it. */
  readonly keeps: number | null;
  /** What the event says besides, when the limit is hit; never a secret. */
  readonly about?: Readonly<Record<string, unknown>>;
};

/** What a limit says. All three numbers are for `RateLimit` headers as well. */
export type Verdict = {
  readonly allowed: boolean;
  readonly limit: number;
  /** Points left. */
  readonly remaining: number;
  /** Seconds, rounded up: until the window ends, or, when refused, until it is worth trying again. */
  readonly seconds: number;
};
