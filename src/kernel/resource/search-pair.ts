import type { RequestContext } from '../context.ts';
import { keyKind } from './kinds/reference.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import type { Parameters } from './parameters.ts';
import type { Path } from './paths.ts';
import { literal } from './sql-text.ts';

/** A word with what LIKE would understand. */
export function escaped(word: string): string {
  return word.replace(/[\\%_]/g, '\\$&');
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SIGNS = [...LETTERS, '-', '_'];

/**
 * The patterns of which a slug fulfils one where two signs are a part of it: with each sign that may stand beside them, or
 * none. Each has a trigram, which two signs alone have not. Undefined where there are none.
 */
function patternsOf(word: string): string[] | undefined {
  const two = escaped(word);
  if (/^[a-z0-9]{2}$/i.test(word)) return [...SIGNS.map((sign) => `%${two}${escaped(sign)}%`), `%${two}`];
  if (/^[a-z0-9][-_]$/i.test(word)) return [...SIGNS.map((sign) => `%${escaped(sign)}${two}%`), `${two}%`];
  return undefined;
}

/** Of so many rows the keys are named. */
const NAMED = 1000;

type Pair = { readonly word: string; readonly path: Path; readonly index: string };

/**
 * The keys of the rows that have a word of two signs in a field that is a slug, found by its trigram index; undefined for
 * other words, where there is no such index, and where they are many.
 */
export async function findPair(
  { db }: Pick<RequestContext, 'db'>,
  model: Model,
  { word, path, index }: Pair,
): Promise<readonly string[] | undefined> {
  const patterns = patternsOf(word);
  if (!patterns) return undefined;
  const there = `to_regclass(${literal(index)}) is not null`;
  const matching = path.where(ALIAS, (expression) => `${expression} ilike p.pattern`);
  const rows = `select ${model.key} as key from ${model.rows} where ${model.visible} and ${matching} limit ${NAMED + 1}`;
  const found = `select r.key::text from unnest($1::text[]) p(pattern) cross join lateral (${rows}) r where ${there}`;
  const text = `select ${there} as there, array(${found} limit ${NAMED + 1}) as keys`;
  const prepare = model.mayPrepare(text);
  const [told] = await db.query<{ there: boolean; keys: string[] }>(text, [patterns], { prepare });
  return told?.there && told.keys.length <= NAMED ? told.keys : undefined;
}

/** SQL: whether a row is one of those. */
export function keyIn({ key, resource }: Model, keys: readonly string[], parameters: Parameters): string {
  return `${key} = any(${parameters.add([...keys], `${keyKind(resource).sqlType}[]`)})`;
}
