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

// 08 connection, 53 insufficient resources (disk full, too many connections), 57P server is going down or coming up,
// 57014 statement_timeout: nothing else here cancels a statement.
const UNAVAILABLE_STATES = /^(08|53|57P0|57014)/;

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

/** The error to throw for a failed statement: {@link DatabaseUnavailable} where that is what happened, else itself. */
export function toDatabaseError(error: unknown): unknown {
  if (error instanceof DatabaseUnavailable || !isUnavailable(error)) return error;
  return new DatabaseUnavailable(error);
}
