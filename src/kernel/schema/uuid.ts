const UUID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/**
 * In: dashed or 32 hex digits, any letter case. Out: lower case and dashed, or `undefined` for anything else.
 * Source: contract 1.5 and flows.md 1.1.
 */
export function parseUuid(text: string): string | undefined {
  if (!UUID.test(text)) return undefined;
  const digits = hex(text.toLowerCase());
  return [0, 8, 12, 16, 20].map((start, i, all) => digits.slice(start, all[i + 1])).join('-');
}

/** The 32 hex digits of a dashed UUID. */
export function hex(uuid: string): string {
  return uuid.replaceAll('-', '');
}
