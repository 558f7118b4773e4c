import type { Queryable } from '../db/types.ts';
import type { Parameters } from './parameters.ts';

/**
 * SQL of a condition that holds at least for all rows in which the words are, now and in any later statement: where a search
 * has to look. Undefined for everywhere.
 * @param asked the words, SQL of the row's key, where to put values, and whether filters narrow the list by columns of many
 *   values, so that indices of those leave few rows
 */
export type Candidates = (
  db: Queryable,
  asked: {
    readonly words: readonly string[];
    readonly key: string;
    readonly parameters: Parameters;
    readonly filtered: boolean;
  },
) => Promise<string | undefined>;
