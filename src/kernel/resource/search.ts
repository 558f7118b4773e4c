import type { RequestContext } from '../context.ts';
import { ValidationError } from '../errors/api-error.ts';
import { bad } from './field.ts';
import { wireTime } from './kinds/scalar.ts';
import { messages } from './messages.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import { last } from './pages.ts';
import type { Parameters } from './parameters.ts';
import { referring } from './conditions.ts';
import { inInstant } from './search-instant.ts';
import { getPath } from './paths.ts';
import type { Path } from './paths.ts';

// Each word is a condition for every field searched: without a bound a query string could keep the database busy.
const MAX_WORDS = 32;

/** The search of a list. */
export type Search = {
  /** The words of a query. Throws 400 for too many, or a NUL. */
  read(query: URLSearchParams): readonly string[];
  /** The condition that a word is in one of the fields. */
  condition(ctx: Pick<RequestContext, 'db'>, word: string, parameters: Parameters): Promise<string>;
};

/** Case-insensitive substring; each word in at least one field; other types by their wire text (contract 1.6). */
export function createSearch(model: Model): Search {
  const paths = model.resource.search.map((name) => getPath(model, name));
  return {
    read(query) {
      const words = (last(query, 'search') ?? '').split(/\s+/).filter((word) => word !== '');
      if (paths.length === 0) return [];
      if (words.length > MAX_WORDS)
        throw new ValidationError({ search: [`Ensure this field has at most ${MAX_WORDS} words.`] });
      if (words.some((word) => word.includes('\0')))
        throw new ValidationError({ search: bad('invalid', messages.nul).faults });
      return words;
    },
    async condition(ctx, word, parameters) {
      const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
      const conditions: string[] = [];
      let place: string | undefined;
      for (const path of paths) {
        const { reference } = path;
        const matches = (expression: string, at: string): string => `${textOf(path, expression)} ilike ${at}`;
        if (reference) {
          const asked = { value: pattern, sqlType: 'text', condition: matches };
          conditions.push((await referring(ctx, { reference, parameters }, asked)).sql);
          continue;
        }
        if (path.kind.name === 'dateTime') {
          // Most words cannot be part of an instant; then nobody has to look, and the other fields' indices suffice.
          conditions.push(path.where(ALIAS, (x) => inInstant(word, x, parameters) ?? 'false'));
          continue;
        }
        const at = (place ??= parameters.add(pattern, 'text'));
        conditions.push(path.where(ALIAS, (x) => matches(x, at)));
      }
      return `(${conditions.filter((sql) => sql !== 'false').join(' or ') || 'false'})`;
    },
  };
}

function textOf({ kind }: Path, expression: string): string {
  if (kind.name === 'dateTime') return wireTime(expression);
  return kind.sqlType === 'text' ? expression : `${expression}::text`;
}
