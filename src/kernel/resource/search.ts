import { ValidationError } from '../errors/api-error.ts';
import { bad } from './field.ts';
import { wireTime } from './kinds/scalar.ts';
import { messages } from './messages.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import { last } from './pages.ts';
import type { Parameters } from './parameters.ts';
import { getPath } from './paths.ts';
import type { Path } from './paths.ts';
import type { Searched } from './resource.ts';

// Each word is a condition for every field searched: without a bound a query string could keep the database busy.
const MAX_WORDS = 32;

// What the wire's text of an instant is made of, in any letter case.
const IN_AN_INSTANT = /^[\d\-:.tz]+$/i;

/** A place that a search reads: the condition that a word (a place of a pattern) is in it. */
type Place = { readonly isInstant: boolean; contains(pattern: string): string };

/** Makes the search of a list: the conditions of a query's words. */
export type Search = (query: URLSearchParams, parameters: Parameters) => string[];

/** Case-insensitive substring; each word in at least one field; other types by their wire text (contract 1.6). */
export function createSearch(model: Model): Search {
  const places = model.resource.search.map((searched) => placeOf(model, searched));
  return (query, parameters) => {
    const words = (last(query, 'search') ?? '').split(/\s+/).filter((word) => word !== '');
    if (places.length === 0) return [];
    if (words.length > MAX_WORDS)
      throw new ValidationError({ search: [`Ensure this field has at most ${MAX_WORDS} words.`] });
    if (words.some((word) => word.includes('\0')))
      throw new ValidationError({ search: bad('invalid', messages.nul).faults });
    return words.map((word) => {
      const pattern = parameters.add(`%${word.replace(/[\\%_]/g, '\\$&')}%`, 'text');
      // Most words cannot be part of an instant; then nobody has to look, and the other fields' indices suffice.
      const possible = places.filter(({ isInstant }) => !isInstant || IN_AN_INSTANT.test(word));
      return `(${possible.map(({ contains }) => contains(pattern)).join(' or ') || 'false'})`;
    });
  };
}

function placeOf(model: Model, searched: Searched): Place {
  const path = getPath(model, typeof searched === 'string' ? searched : searched.path);
  const isInstant = path.kind.name === 'dateTime';
  if (typeof searched !== 'string')
    return { isInstant, contains: (pattern) => `${searched.text(ALIAS)} ilike ${pattern}` };
  return { isInstant, contains: (pattern) => path.where(ALIAS, (x) => `${textOf(path, x)} ilike ${pattern}`) };
}

function textOf({ kind }: Path, expression: string): string {
  if (kind.name === 'dateTime') return wireTime(expression);
  return kind.sqlType === 'text' ? expression : `${expression}::text`;
}
