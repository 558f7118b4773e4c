import { csvLine, markFormula } from '../../kernel/schema/csv.ts';
import type { Json } from '../../kernel/schema/types.ts';

function cellOf(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return markFormula(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Values as a line of a CSV file. Objects and lists are JSON, null is empty; no text is run by a spreadsheet (T23). */
export const lineOf = (values: readonly (Json | undefined)[]): string => csvLine(values.map(cellOf));
