import { parseTimestamp } from '../schema/datetime.ts';
import { parseUuid } from '../schema/uuid.ts';
import type { Checked, Kind } from './field.ts';
import { bad } from './field.ts';
import { messages } from './messages.ts';
import type { Model } from './model.ts';
import { findPath, getPath } from './paths.ts';
import type { Path } from './paths.ts';
import type { Filter } from './resource.ts';

/** A filter made ready: how its text is read, and its condition. */
export type ReadyFilter = {
  readonly name: string;
  readonly kind: Kind;
  readonly multiple: boolean;
  readonly description: string | undefined;
  /** SQL over the row's alias and the place of the value; an array's place, where `multiple`. */
  readonly sql: (alias: string, place: string, query: URLSearchParams) => string;
  /** The field or path that it asks to equal its value; not for several values, nor with an operator. */
  readonly path?: Path;
  /** The column of the row that it asks to equal its value, or one of its values. */
  readonly equals?: string;
};

const OPERATORS: Readonly<Record<string, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

const BOOLEAN: Kind = {
  name: 'boolean',
  sqlType: 'boolean',
  check: (value) => (typeof value === 'boolean' ? { value } : bad('invalid', messages.notBoolean)),
  encode: (value) => value === true,
  show: (expression) => expression,
  present: () => undefined,
  document: () => ({ type: 'boolean' }),
};

/** Makes a resource's filters ready; throws for one that names nothing. */
export function readyFilters(model: Model): ReadyFilter[] {
  return model.resource.filters.map((filter) => ready(model, filter));
}

function ready(model: Model, filter: Filter): ReadyFilter {
  if (typeof filter !== 'string') return { multiple: false, description: undefined, ...filter };
  const path = findPath(model, filter);
  if (path) {
    const condition = path.multiple
      ? (value: string) => (x: string) => `${x} = any(${value})`
      : (value: string) => (x: string) => `${x} = ${value}`;
    const sql: ReadyFilter['sql'] = (alias, place) => path.where(alias, condition(place));
    const common = { name: filter, kind: path.kind, multiple: path.multiple, description: undefined, sql };
    if (path.multiple) return common;
    return { ...common, path, ...(path.column === undefined ? {} : { equals: path.column }) };
  }
  return withOperator(model, filter);
}

function withOperator(model: Model, filter: string): ReadyFilter {
  const at = filter.lastIndexOf('__');
  const path = getPath(model, filter.slice(0, at));
  const suffix = filter.slice(at + 2);
  const common = { name: filter, multiple: false, description: undefined };
  if (suffix === 'isnull') {
    return { ...common, kind: BOOLEAN, sql: (alias, place) => path.where(alias, (x) => `(${x} is null) = ${place}`) };
  }
  const operator = OPERATORS[suffix];
  if (operator === undefined) throw new Error(`${model.resource.name}: no filter ${filter}.`);
  return { ...common, kind: path.kind, sql: (alias, place) => path.where(alias, (x) => `${x} ${operator} ${place}`) };
}

/** What a text of the query string stands for; undefined when it counts as not set (contract 1.6). */
export function readFilterText(kind: Kind, text: string): Checked<unknown> | undefined {
  if (text.includes('\0')) return bad('invalid', messages.nul);
  switch (kind.name) {
    case 'boolean':
      return /^(true|false)$/i.test(text) ? { value: text.toLowerCase() === 'true' } : undefined;
    case 'uuid':
      return orBad(parseUuid(text), messages.filterUuid);
    case 'reference':
      return kind.check(text);
    case 'dateTime': {
      // In a query string a bare plus is a space.
      const parsed = parseTimestamp(text.replace(/ (?=\d\d:\d\d$)/, '+'));
      return 'value' in parsed ? parsed : bad('invalid', messages.filterDateTime);
    }
    case 'integer':
    case 'number': {
      const checked = kind.check(text);
      return 'value' in checked ? checked : bad('invalid', messages.filterNumber);
    }
    case 'choice': {
      const checked = kind.check(text);
      return 'value' in checked ? checked : bad('invalid_choice', messages.filterChoice(text));
    }
    default:
      return { value: text };
  }
}

function orBad(value: string | undefined, message: string): Checked<string> {
  return value === undefined ? bad('invalid', message) : { value };
}
