import type { Json, JsonPath } from './types.ts';

export type JsonProblemKind = 'nul' | 'key' | 'number' | 'surrogate' | 'depth';

/** A value that is good JSON and yet refused (contract D16). `path` leads to it; the key itself for a bad key. */
export type JsonProblem = { readonly path: JsonPath; readonly kind: JsonProblemKind; readonly message: string };

export type ParsedJson = { readonly value: Json; readonly problems: readonly JsonProblem[] };

/** The body is no JSON. `message` begins with `JSON parse error - ` (contract 1.4) and quotes nothing of the body. */
export class JsonError extends Error {
  readonly kind: 'syntax' | 'utf8';
  constructor(kind: 'syntax' | 'utf8', text: string) {
    super(`JSON parse error - ${text}`);
    this.name = 'JsonError';
    this.kind = kind;
  }
}

export declare function parseJson(bytes: Uint8Array): ParsedJson;
