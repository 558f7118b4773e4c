import { CsvError, parse } from 'csv-parse/sync';
import { Problem, problems } from '../../../../../kernel/own-api/index.ts';
import { csvLine, markFormula, withoutMark } from '../../../../../kernel/schema/csv.ts';
import { parseEmail } from '../../../../../kernel/schema/email.ts';
import { JsonError, isForbiddenKey, parseJson } from '../../../../../kernel/schema/json.ts';
import type { Json } from '../../../../../kernel/schema/types.ts';

/** What is wrong with a row as it stands in the file, by the column's name. */
export type Fault = {
  readonly pointer: string;
  readonly column: string;
  readonly code: string;
  readonly detail: string;
};

/** One row of a file: what it says, on which line, and what is wrong with it before its fields are judged. */
export type Item = { readonly line: number | null; readonly input: Json; readonly errors?: readonly Fault[] };

const LISTS = ['groups', 'roles', 'restrict_to', 'recipients'];
const FLAGS = ['locked', 'approval', 'secret_link', 'with_code'];
const NUMBERS = ['max_uses'];
const JSONS = ['fixed_data', 'reminders'];
const TEXTS = [
  'name',
  'expires',
  'flow',
  'account_expires',
  'message',
  'message_format',
  'language',
  'on_behalf_of',
  'redirect',
];
const ATTRIBUTE = 'attribute.';

/** The columns that a file may have, besides `attribute.<name>`: the fields, and `email` for that of the fixed data. */
export const COLUMNS = [...TEXTS, ...NUMBERS, ...FLAGS, ...LISTS, ...JSONS, 'email'] as const;

/** The columns that an export has besides: what only the server says. An import takes them and heeds none of them. */
export const FACTS = ['id', 'state', 'uses', 'created', 'changed', 'link'] as const;

const fault = (line: number, column: string | undefined, detail: string): Problem =>
  new Problem(problems.invalidFields, {
    detail: `Line ${line}${column === undefined ? '' : `, column ${column}`}: ${detail}`,
    errors: [
      {
        pointer: '',
        code: 'wrong_form',
        detail: `Line ${line}${column === undefined ? '' : `, column ${column}`}: ${detail}`,
      },
    ],
  });

function parseJsonCell(text: string): Json {
  try {
    const { value, problems: refused } = parseJson(Buffer.from(text));
    if (refused.length === 0) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  // The field's own check says what is wrong with a text there.
  return text;
}

function valueOf(column: string, text: string): Json {
  if (LISTS.includes(column)) return text.split(/[\s;]+/).filter((one) => one !== '');
  if (FLAGS.includes(column)) return text === 'true' ? true : text === 'false' ? false : text;
  if (NUMBERS.includes(column)) return /^\d{1,15}$/.test(text) ? Number(text) : text;
  return JSONS.includes(column) ? parseJsonCell(text) : text;
}

const WRONG_EMAIL: Fault = {
  pointer: '/fixed_data/email',
  column: 'email',
  code: 'wrong_form',
  detail: 'This must be an e-mail address.',
};

// Empty cells are absent; texts that spreadsheets must not run may have been marked with an apostrophe.
function rowOf(header: readonly string[], cells: readonly string[]): Pick<Item, 'input' | 'errors'> {
  const errors: Fault[] = [];
  const facts: readonly string[] = FACTS;
  const input = new Map<string, Json>();
  const fixed = new Map<string, Json>();
  const attributes = new Map<string, Json>();
  for (const [at, column] of header.entries()) {
    const text = withoutMark(cells[at] ?? '');
    if (text === '' || facts.includes(column)) continue;
    if (column === 'email') {
      fixed.set('email', text);
      if (parseEmail(text) === undefined) errors.push(WRONG_EMAIL);
    } else if (column.startsWith(ATTRIBUTE)) attributes.set(column.slice(ATTRIBUTE.length), text);
    else input.set(column, valueOf(column, text));
  }
  if (attributes.size > 0) fixed.set('attributes', Object.fromEntries(attributes));
  const given = input.get('fixed_data');
  if (
    fixed.size > 0 &&
    (given === undefined || (typeof given === 'object' && given !== null && !Array.isArray(given)))
  ) {
    input.set('fixed_data', { ...given, ...Object.fromEntries(fixed) });
  }
  // As the command line takes its --email: so that the invitation can be mailed.
  const email = fixed.get('email');
  if (email !== undefined && errors.length === 0 && !input.has('recipients')) input.set('recipients', [email]);
  return { input: Object.fromEntries(input), errors };
}

function checkHeader(header: readonly string[]): void {
  const known: readonly string[] = COLUMNS;
  const taken: readonly string[] = [...COLUMNS, ...FACTS];
  for (const [at, column] of header.entries()) {
    const name = column.startsWith(ATTRIBUTE) ? column.slice(ATTRIBUTE.length) : undefined;
    if (name !== undefined ? name === '' || isForbiddenKey(name) : !taken.includes(column)) {
      throw fault(1, column, `there is no such column; there are ${known.join(', ')} and ${ATTRIBUTE}<name>.`);
    }
    if (header.indexOf(column) !== at) throw fault(1, column, 'the column is there twice.');
  }
  if (!header.includes('name')) throw fault(1, 'name', 'the column is missing.');
}

/** A record and the line on which it begins. */
type Parsed = { readonly record: string[]; readonly line: number };

const countLines = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

// Counted here: the parser tells where a record ends, and takes CRLF in a cell for two lines.
function placed(text: string, records: readonly { record: string[]; info: { bytes: number } }[]): Parsed[] {
  const bytes = Buffer.from(text);
  let [line, from] = [1, 0];
  return records.map(({ record, info }) => {
    const read = bytes.toString('utf8', from, info.bytes);
    const [blank = ''] = /^[\r\n]*/.exec(read) ?? [];
    const first = line + countLines(blank);
    [line, from] = [line + countLines(read), info.bytes];
    return { record, line: first };
  });
}

/** The first cell that is missing or too many; `column` of one beyond the header is its number. */
function lengthFault(names: readonly string[], { length }: readonly string[]): Fault {
  const missing = names[length];
  const column = missing ?? String(names.length + 1);
  const detail =
    missing === undefined
      ? `Cell ${column} is too many: the row has ${length}, and the header ${names.length}.`
      : `The cell is missing: the row has ${length}, and the header ${names.length}.`;
  return { pointer: '', column, code: 'wrong_form', detail };
}

/**
 * Reads CSV (RFC 4180, UTF-8; also with semicolons for commas) with a header line. Throws 422 that names the line, and
 * the column if it is one's fault, when the header is wrong or the rows cannot be told apart.
 */
export function readCsv(bytes: Buffer): Item[] {
  const records = parseRecords(bytes);
  const [header, ...rows] = records;
  if (!header) throw fault(1, undefined, 'there is no header.');
  const names = header.record.map((name) => name.trim());
  checkHeader(names);
  return rows.map(({ record, line }) => {
    // Which cell is which is unknown, so nothing of it is judged, and nothing can be made of it.
    if (record.length !== names.length) return { line, input: null, errors: [lengthFault(names, record)] };
    return { line, ...rowOf(names, record) };
  });
}

/** Spreadsheets write semicolons where a comma is the decimal point; the header, in which no name has one, tells. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split(/[\r\n]/, 1);
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

function parseRecords(bytes: Buffer): Parsed[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(problems.badRequest, { detail: 'The file is not valid UTF-8.' });
  }
  if (text.includes('\0')) throw new Problem(problems.badRequest, { detail: 'The file holds NUL characters.' });
  try {
    const options = {
      info: true,
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: delimiterOf(text),
      // All of them, not the first that is found: whoever adds a line to a file may have another editor.
      record_delimiter: ['\r\n', '\n', '\r'],
    };
    // Typed by its options: with `info` every record comes with where it was.
    return placed(text, parse(text, options) as unknown as Parameters<typeof placed>[1]);
  } catch (error) {
    if (error instanceof CsvError) throw fault(Number(error['lines'] ?? 1), undefined, 'the quotes do not match.');
    throw error;
  }
}

/** Rows of cells as CSV that spreadsheets do not run (T23). */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => csvLine(row.map(markFormula))).join('');
}
