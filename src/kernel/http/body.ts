import { parseError, unsupportedMediaType } from '../errors/catalogue.ts';
import { JsonError, parseJson } from '../schema/json.ts';
import type { ParsedJson } from '../schema/json.ts';
import type { HttpRequest } from './message.ts';

/** A body of nothing: what an empty body with the JSON type means (contract 1.4). */
export const EMPTY_BODY: ParsedJson = { value: {}, problems: [] };

const JSON_TYPE = /^\s*application\/json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)"?/i;

/** Whether the header names JSON, in UTF-8 if it says in what. */
function isJson(contentType: string): boolean {
  if (!JSON_TYPE.test(contentType)) return false;
  const charset = CHARSET.exec(contentType)?.[1]?.toLowerCase();
  return charset === undefined || charset === 'utf-8' || charset === 'utf8';
}

/** Reads and parses a JSON body. Throws 415 for another type or charset, 413 when it is too large, 400 for bad JSON. */
export async function readJsonBody(request: HttpRequest): Promise<ParsedJson> {
  const type = request.headers['content-type'];
  if (type === undefined) {
    const bytes = await request.body();
    if (bytes.length === 0) return EMPTY_BODY;
    throw unsupportedMediaType('');
  }
  if (!isJson(type)) throw unsupportedMediaType(type);
  const bytes = await request.body();
  if (bytes.length === 0) return EMPTY_BODY;
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) throw parseError(error.message);
    throw error;
  }
}
