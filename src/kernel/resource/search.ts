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
import { escaped, findPair, keyIn } from './search-pair.ts';
import { inInstant } from './search-instant.ts';
import { getPath } from './paths.ts';
import type { Path } from './paths.ts';

// Each word is a condition for every field searched: without a bound a query string could keep the database busy.
const MAX_WORDS = 32;

// In no slug, whatever the letter case: the time of the day, an address.
const NO_SLUG = /[!-,./:-@[-^`{-~]/;

/** The search of a list. */
export type Search = {
  /** The words of a query. Throws 400 for too many, or a NUL. */
  read(query: URLSearchParams): readonly string[];
  /** The conditions that each word is in one of the fields. */
  conditions(
    ctx: Pick<RequestContext, 'db'>,
    words: readonly string[],
    how: { readonly parameters: Parameters; readonly filtered: boolean },
  ): Promise<string[]>;
};

/** SQL of all that is searched in a row under alias t, one text to a line. For models that search in their own fields. */
export function searchedText(model: Model): string {
  const texts = model.resource.search.map((name) => {
    const path = getPath(model, name);
    return textOf(path, path.value(ALIAS));
  });
  return `concat_ws(E'\\n', ${texts.join(', ')})`;
}

/** Case-insensitive substring; each word in at least one field; other types by their wire text (contract 1.6). */
export function createSearch(model: Model): Search {
  const paths = model.resource.search.map((name) => getPath(model, name));
  const indices = model.resource.search.map((name) => model.resource.searchIndices[name]);
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
    async conditions(ctx, words, { parameters, filtered }) {
      const { candidates } = model.resource;
      const conditions: string[] = [];
      for (const word of words) conditions.push(await condition(ctx, word, parameters));
      if (!candidates || words.length === 0) return conditions;
      const where = await candidates(ctx.db, { words, key: model.key, parameters, filtered });
      return where === undefined ? conditions : [where, ...conditions];
    },
  };
  async function condition(ctx: Pick<RequestContext, 'db'>, word: string, parameters: Parameters): Promise<string> {
    const pattern = `%${escaped(word)}%`;
    const conditions: string[] = [];
    // Most words cannot be part of an instant; then nobody has to look, and the other fields' indices suffice.
    for (const path of paths.filter(({ kind }) => kind.name === 'dateTime')) {
      const sql = path.where(ALIAS, (x) => inInstant(word, x, parameters) ?? 'false');
      if (sql !== 'false') conditions.push(sql);
    }
    const inInstants = conditions.length > 0;
    let place: string | undefined;
    for (const [at, path] of paths.entries()) {
      const { reference } = path;
      const matches = (expression: string, of: string): string => `${textOf(path, expression)} ilike ${of}`;
      if (path.kind.name === 'dateTime' || (path.kind.name === 'slug' && NO_SLUG.test(word))) continue;
      if (reference) {
        const asked = { value: pattern, sqlType: 'text', condition: matches };
        conditions.push((await referring(ctx, { reference, parameters }, asked)).sql);
        continue;
      }
      const index = indices[at];
      const keys = index === undefined || inInstants ? undefined : await findPair(ctx, model, { word, path, index });
      if (keys?.length === 0) continue;
      place ??= parameters.add(pattern, 'text');
      const found = path.where(ALIAS, (x) => matches(x, place ?? ''));
      conditions.push(keys ? `(${keyIn(model, keys, parameters)} and ${found})` : found);
    }
    return `(${conditions.filter((sql) => sql !== 'false').join(' or ') || 'false'})`;
  }
}

function textOf({ kind }: Path, expression: string): string {
  if (kind.name === 'dateTime') return wireTime(expression);
  return kind.sqlType === 'text' ? expression : `${expression}::text`;
}
