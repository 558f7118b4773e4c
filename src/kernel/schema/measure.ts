import type { Json } from './types.ts';

/** `bytes` of the compact JSON in UTF-8; `depth`, the levels of objects and arrays: 0 for a scalar, 1 for `{}`. */
export type JsonSize = { readonly bytes: number; readonly depth: number };

const encoder = new TextEncoder();

/** How large a value is, for the limits of stored JSON (contract D16). The value must come from `parseJson`. */
export function measureJson(value: Json): JsonSize {
  return { bytes: encoder.encode(JSON.stringify(value)).length, depth: depthOf(value) };
}

// Recursion is safe: parseJson lets at most 100 levels through.
function depthOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const item of Object.values<Json>(value)) deepest = Math.max(deepest, depthOf(item));
  return deepest + 1;
}
