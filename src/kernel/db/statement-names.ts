import { createHash } from 'node:crypto';

// Each connection keeps every named statement for its life, so the variety is bounded here.
const MAX_NAMES = 1000;
const names = new Map<string, string>();

/**
 * The name under which a statement is prepared: the same text has the same name on every connection. Undefined once
 * 1,000 texts are named; the rest is sent unnamed.
 */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known) return known;
  if (names.size >= MAX_NAMES) return undefined;
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  names.set(text, name);
  return name;
}
