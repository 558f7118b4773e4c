import { invalidPage } from '../errors/catalogue.ts';
import type { JsonObject } from '../schema/types.ts';

const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;

/** Which rows a page shows, and the envelope's `pagination` (contract 1.6). */
export type Page = { readonly size: number; readonly offset: number; readonly pagination: JsonObject };

/** The last value of a repeated key counts; an empty one counts as not set. */
export function last(query: URLSearchParams, name: string): string | undefined {
  const value = query.getAll(name).at(-1);
  return value === undefined || value === '' ? undefined : value;
}

/** How many rows a query wants on a page. */
export function pageSizeOf(query: URLSearchParams): number {
  const text = last(query, 'page_size') ?? '';
  const size = /^\+?\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  return size > 0 ? Math.min(size, MAX_PAGE_SIZE) : DEFAULT_PAGE_SIZE;
}

/** Which page a query wants; 0 for what is none. */
export function askedPage(query: URLSearchParams): number | 'last' {
  const text = last(query, 'page') ?? '1';
  if (text === 'last') return text;
  return /^\s*\+?\d{1,9}\s*$/.test(text) ? Number(text) : 0;
}

function pageNumberOf(query: URLSearchParams, totalPages: number): number {
  const asked = askedPage(query);
  const number = asked === 'last' ? totalPages : asked;
  if (number < 1 || number > totalPages) throw invalidPage();
  return number;
}

/** The page that a query asks for of so many rows. Throws the 404 of a page that is not there. */
export function pageOf(query: URLSearchParams, count: number): Page {
  const size = pageSizeOf(query);
  const totalPages = Math.max(1, Math.ceil(count / size));
  const current = pageNumberOf(query, totalPages);
  const offset = (current - 1) * size;
  return {
    size,
    offset,
    pagination: {
      next: current < totalPages ? current + 1 : 0,
      previous: current - 1,
      count,
      current,
      total_pages: totalPages,
      start_index: count === 0 ? 0 : offset + 1,
      end_index: Math.min(offset + size, count),
    },
  };
}
