import { HashingBusy } from '../crypto/passwords.ts';
import { DatabaseFull, DatabaseUnavailable, errorCode } from '../db/errors.ts';
import type { Json } from '../schema/types.ts';
import { ApiError, ValidationError } from './api-error.ts';
import { badRequest, noRoom, unavailable } from './catalogue.ts';

export type ErrorReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
  /** The error is ours and belongs into the log. */
  readonly unexpected: boolean;
};

// PostgreSQL: untranslatable character, bad byte sequence, statement too complex (P7).
const BAD_INPUT_STATES = new Set(['22P05', '22021', '54001']);

// Of a rule that the database itself keeps (RAISE in a migration), in words for the caller.
const REFUSED_STATE = 'VB400';

function refusal(error: unknown): ApiError | undefined {
  if (errorCode(error) !== REFUSED_STATE || !(error instanceof Error)) return undefined;
  return new ValidationError({ non_field_errors: [error.message] });
}

/** The error to answer with: known ones as they are, the rest by what they mean; undefined for the unexpected. */
function known(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof DatabaseUnavailable || error instanceof HashingBusy) return unavailable();
  if (error instanceof DatabaseFull) return noRoom();
  if (BAD_INPUT_STATES.has(errorCode(error) ?? ''))
    return badRequest('The request holds characters or depths that cannot be stored.');
  return refusal(error);
}

/** Turns what was thrown into an answer. What is unknown becomes a 500 that tells nothing (contract 1.4). */
export function errorReply(error: unknown): ErrorReply {
  const answer = known(error);
  if (!answer) return { status: 500, headers: {}, body: { detail: 'Internal server error' }, unexpected: true };
  return { status: answer.status, headers: answer.headers, body: answer.body, unexpected: false };
}
