// What a spreadsheet takes for a formula (OWASP, CSV injection), some of it also in full-width letters.
const FORMULA = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;
const MARKED = /^'(?=[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20])/;

/** A text that no spreadsheet runs (T23): an apostrophe stands before what one would take for a formula. */
export const markFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** The text of which {@link markFormula} made this. */
export const withoutMark = (text: string): string => text.replace(MARKED, '');

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One line of a CSV file (RFC 4180), its end included. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`;
