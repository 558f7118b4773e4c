/** A plain object, or undefined for anything else. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}

/** The text, or `''` for anything that is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether the value is exactly `true`. */
export function flagOf(value: unknown): boolean {
  return value === true;
}

/** The items of a list; nothing for anything that is no list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The texts of a list; other items are left out. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((item) => typeof item === 'string');
}

/** The objects of a list; other items are left out. */
export function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return listOf(value)
    .map(recordOf)
    .filter((item) => item !== undefined);
}

export type Choice = { readonly value: string; readonly label: string };

/** The `{value, label}` pairs of a list, as texts; numbers and booleans are written out. */
export function choicesOf(value: unknown): readonly Choice[] {
  return recordsOf(value).map((item) => ({
    value: written(item.value),
    label: written(item.label ?? item.value),
  }));
}

function written(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : textOf(value);
}
