import { JsonError, parseJson } from '../schema/json.ts';
import type { ParsedJson } from '../schema/json.ts';
import { MAX_BODY_BYTES } from '../schema/limits.ts';
import type { Json } from '../schema/types.ts';
import type { HttpRequest } from '../http/message.ts';
import { mergePatch } from './merge-patch.ts';
import type { OwnOperation } from './operation.ts';
import { Problem, pointerTo, problems } from './problem.ts';
import type { ValueProblem } from './problem.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)"?/i;
export const MERGE_PATCH = 'application/merge-patch+json';

/** The media types that an operation takes. */
export function bodyTypes({ body, rawBody, merges }: OwnOperation): readonly string[] {
  if (rawBody) return rawBody.types;
  if (!body) return [];
  return merges ? [MERGE_PATCH, 'application/json'] : ['application/json'];
}

function checkType(operation: OwnOperation, { headers }: HttpRequest): void {
  const type = headers['content-type'] ?? '';
  const named = type.split(';')[0]?.trim().toLowerCase() ?? '';
  const charset = CHARSET.exec(type)?.[1]?.toLowerCase();
  const types = bodyTypes(operation);
  if (types.includes(named) && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return;
  throw new Problem(problems.unsupportedMediaType, { headers: { 'accept-post': types.join(', ') } });
}

/** Receives the body, which the request keeps. Throws 415 and 413. */
export async function readBytesOf(operation: OwnOperation, request: HttpRequest): Promise<void> {
  const { rawBody, bodyLimit = MAX_BODY_BYTES } = operation;
  const bytes = await request.body(rawBody?.limit ?? bodyLimit);
  // Operations without a body ignore one, whatever it is.
  if (bodyTypes(operation).length > 0 && (bytes.length > 0 || rawBody)) checkType(operation, request);
}

/** Parses and checks the body. Throws 400 for bad JSON and 422 for bad fields. Out: what the handler gets as body. */
export async function readBody(operation: OwnOperation, request: HttpRequest, current: () => Json): Promise<unknown> {
  const { body: type, rawBody, merges } = operation;
  const bytes = await request.body();
  if (rawBody) return bytes;
  if (!type) return undefined;
  const { value, problems: refused } = parsed(bytes);
  const found: ValueProblem[] = refused.map(({ path, kind, message }) => ({
    pointer: path.reduce<string>(pointerTo, ''),
    code: kind === 'key' ? 'unknown' : 'not_storable',
    detail: message,
  }));
  const whole = merges ? mergePatch(current(), value) : value;
  const checked = type.check(whole, { pointer: '', problems: found });
  if (checked === undefined || found.length > 0) throw new Problem(problems.invalidFields, { errors: found });
  return checked;
}

function parsed(bytes: Buffer): ParsedJson {
  if (bytes.length === 0) return { value: {}, problems: [] };
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) throw new Problem(problems.malformedJson, { detail: error.message });
    throw error;
  }
}
