import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Json } from '../schema/types.ts';
import { Problem, problems } from './problem.ts';

/** The strong validator of a representation (RFC 9110 §8.8.3): equal exactly when the bytes of the body are. */
export function etagOf(representation: Json): string {
  return `"${createHash('sha256').update(JSON.stringify(representation)).digest('base64url').slice(0, 27)}"`;
}

const TAG = /(W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

function tagsOf(header: string): string[] {
  return [...header.matchAll(TAG)].map(([tag]) => tag);
}

/** Whether a GET may be answered with 304; compared weakly (RFC 9110 §13.1.2). */
export function isFresh(headers: IncomingHttpHeaders, etag: string): boolean {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  return given.trim() === '*' || tagsOf(given).some((tag) => tag.replace(/^W\//, '') === etag);
}

/** Throws 428 for a change that lacks the If-Match it needs. */
export function checkIfMatchGiven(headers: IncomingHttpHeaders): void {
  if ((headers['if-match'] ?? '').trim() === '') throw new Problem(problems.preconditionRequired);
}

/**
 * Throws 412 when If-Match is there and does not name the object as it is; compared strongly (RFC 9110 §13.1.1).
 * @param etag undefined: there is no object, which no If-Match fits
 */
export function checkIfMatch(headers: IncomingHttpHeaders, etag: string | undefined): void {
  const given = headers['if-match']?.trim();
  if (given === undefined || given === '') return;
  const fits = etag !== undefined && (given === '*' || tagsOf(given).includes(etag));
  if (!fits) throw new Problem(problems.preconditionFailed);
}
