import { DatabaseError } from 'pg';

/**
 * The database could not be reached, or went away before it answered. When a write was under way its outcome is
 * unknown. HTTP answers 503 with `Retry-After` (R06).
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';

  constructor(cause: unknown) {
    super('The database does not answer.', { cause });
  }
}

/**
 * The database takes no changes: its disk is full, or it serves reads only until there is room again. Nothing was
 * written. Reads go on. HTTP answers 507 (R07).
 */
export class DatabaseFull extends Error {
  override readonly name = 'DatabaseFull';

  constructor(cause: unknown) {
    super('The database has no room for changes.', { cause });
  }
}

export type ConstraintKind = 'unique' | 'foreign_key' | 'not_null' | 'check' | 'exclusion' | 'restrict';

export type ConstraintViolation = {
  readonly kind: ConstraintKind;
  /** The constraint's or unique index's name; empty for `not_null` before PostgreSQL 18, which names only the column. */
  readonly constraint: string;
  readonly table: string;
  readonly column?: string;
  /** The server's words, such as `Key (slug)=(a) already exists.`: they hold values, so never log them. */
  readonly detail?: string;
};

// PostgreSQL, appendix A, class 23.
const CONSTRAINT_KINDS: Readonly<Record<string, ConstraintKind>> = {
  '23001': 'restrict',
  '23502': 'not_null',
  '23503': 'foreign_key',
  '23505': 'unique',
  '23514': 'check',
  '23P01': 'exclusion',
};

/** What a failed statement violated, or undefined when the error is of another sort. */
export function constraintViolation(error: unknown): ConstraintViolation | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  const kind = CONSTRAINT_KINDS[error.code ?? ''];
  if (!kind) return undefined;
  return {
    kind,
    constraint: error.constraint ?? '',
    table: error.table ?? '',
    ...(error.column === undefined ? {} : { column: error.column }),
    ...(error.detail === undefined ? {} : { detail: error.detail }),
  };
}

/** The SQLSTATE of a server's error or the code of a system's error, or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** SQLSTATE of a write in a read-only transaction. */
export const READ_ONLY = '25006';

// 08 connection, 53 insufficient resources (memory, too many connections; but not 53100, disk full), 57P server is going
// down or coming up, 57014 statement_timeout: nothing else here cancels a statement. Read-only is a standby, such as the
// server that was the first until a moment ago.
const UNAVAILABLE_STATES = new RegExp(`^(08|53(?!100)|57P0|57014|${READ_ONLY})`);

// PostgreSQL, appendix A: disk_full, and io_error where the system's words say that it was for lack of room.
const DISK_FULL = '53100';
const IO_ERROR = '58030';
const NO_ROOM = /No space left on device|Disk quota exceeded/;

const UNAVAILABLE_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

// `pg` gives these no code.
const UNAVAILABLE_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** Whether the error says that the database is away or refuses work now, and not that the statement is wrong. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true;
  if (error instanceof DatabaseError) return UNAVAILABLE_STATES.test(error.code ?? '');
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  if (!(error instanceof Error)) return false;
  return UNAVAILABLE_SYSTEM_CODES.has(errorCode(error) ?? '') || UNAVAILABLE_MESSAGES.test(error.message);
}

/** SQLSTATE of a cancelled statement. */
const CANCELLED = '57014';

/** Whether a statement was ended at its deadline. */
export function isOverdue(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && errorCode(error.cause) === CANCELLED;
}

/** Whether the error says that there is no room on the database's disk. */
function isFull(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  return error.code === DISK_FULL || (error.code === IO_ERROR && NO_ROOM.test(error.message));
}

/**
 * The error to throw for a failed statement: {@link DatabaseFull} or {@link DatabaseUnavailable} where that is what
 * happened, else itself.
 */
export function toDatabaseError(error: unknown): unknown {
  if (error instanceof DatabaseUnavailable || error instanceof DatabaseFull) return error;
  if (isFull(error)) return new DatabaseFull(error);
  return isUnavailable(error) ? new DatabaseUnavailable(error) : error;
}
