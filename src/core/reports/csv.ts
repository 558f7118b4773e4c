import type { Json } from '../../kernel/schema/types.ts';

/** Spreadsheets take such a text for a formula (OWASP, CSV injection), some of them also in full-width letters. */
const FORMULA = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;

function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return FORMULA.test(value) ? `'${value}` : value;
}

function cell(value: Json | undefined): string {
  const text = textOf(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * One line of a CSV file (RFC 4180), its end included. Objects and lists are JSON, nothing is empty. A text that a
 * spreadsheet would take for a formula begins with an apostrophe.
 */
export function csvLine(values: readonly (Json | undefined)[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}
