/** What PostgreSQL takes as a parameter. Objects and arrays for json columns are passed as JSON text. */
export type Parameter = string | number | boolean | null | Buffer | readonly string[] | readonly number[];

export type QueryOptions = {
  /** false for statements whose text has no bound on its variety; they are sent unnamed and planned each time. */
  prepare?: boolean;
  /**
   * A look-up or a change by key, which takes the database no time to speak of: it may share a connection with others
   * like it. Never for what may scan or wait.
   */
  brief?: boolean;
  /** Of a brief one: it changes something, so that it waits for the disk. */
  changes?: boolean;
  /** Milliseconds that it may take where that is more than usual. The server has to know too: {@link giveTime}. */
  deadlineMs?: number;
};

/**
 * Sends SQL. Statements are prepared under a name derived from their text, so the text must come from a bounded set
 * (constants, or text generated from declarations); values go into parameters `$1`, `$2`, …
 *
 * bigint, numeric, date, timestamp and interval columns arrive as text (a JS Date would lose the microseconds); json
 * and jsonb arrive parsed.
 */
export type Queryable = {
  query<Row extends object>(text: string, parameters?: readonly Parameter[], options?: QueryOptions): Promise<Row[]>;
};

/** One open transaction. Everything written through it is committed together or not at all. */
export type Transaction = Queryable & {
  readonly isTransaction: true;
  /**
   * Sends a statement whose answer nobody needs. It travels with the next one or with the commit, in the order given; if
   * it fails, nothing is committed, and the transaction throws its error.
   */
  send(text: string, parameters?: readonly Parameter[], options?: QueryOptions): void;
  /** Runs after a successful commit, in this process only; for cache invalidation, never for work that must happen. */
  afterCommit(action: () => void): void;
};

export type Database = Queryable & {
  /**
   * Runs `work` in one transaction (READ COMMITTED) on one connection; commits when it resolves, rolls back when it
   * throws and rethrows.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** How many connections are open and idle, and how many requests wait for one. */
  connections(): { readonly total: number; readonly idle: number; readonly waiting: number };
  /** Closes every connection; in-flight queries finish first. */
  close(): Promise<void>;
};
