import type { Vault } from '../crypto/vault.ts';
import { cursorsOf } from './cursor.ts';
import type { Type } from './type.ts';
import { t } from './types.ts';

/** The query parameters of every list. */
export const paging = {
  limit: t.optional(t.integer({ minimum: 1, maximum: 100, description: 'Items of a page.' }), 20),
  cursor: t.optional(t.text({ maxLength: 1000, description: 'What `next` of the page before said.' })),
};

const next = t.nullable(t.text({ maxLength: 1000, description: 'The cursor of the next page; null: no more.' }));

/** What a list answers; `name` is that of the schema. */
export const pageType = <T>(name: string, item: Type<T>) => t.object(name, { items: t.list(item), next });

/** Which page is asked for. */
export type Asked = {
  /** Names the list and its filters; see `cursorsOf`. */
  readonly scope: string;
  /** Items of the page. */
  readonly limit: number;
  /** What a client sent; undefined: the first page. */
  readonly cursor: string | undefined;
};

/** A list that is read page by page. */
export type Pages<Row> = {
  /** Up to `limit` rows after a place, in their order. */
  find(part: { readonly after: readonly string[] | undefined; readonly limit: number }): Promise<readonly Row[]>;
  /** The values by which the list is ordered, of a row. */
  place(row: Row): readonly string[];
};

/** One page of a list, and the cursor of the next one if there is one. @throws Problem 422 for a cursor of another list */
export async function readPage<Row>(
  ctx: { readonly vault: Vault },
  { scope, limit, cursor }: Asked,
  { find, place }: Pages<Row>,
): Promise<{ readonly items: readonly Row[]; readonly next: string | null }> {
  const cursors = cursorsOf(ctx, scope);
  const after = cursor === undefined ? undefined : cursors.read(cursor);
  // The one row more tells whether there is another page.
  const rows = await find({ after, limit: limit + 1 });
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, next: last === undefined ? null : cursors.write(place(last)) };
}
