import type { PageInput } from './page-input.ts';

/** What the server hands over to the browser, as text that cannot end its script element. */
export function writeState(input: PageInput): string {
  // The nonce stays out: it must not be readable by injected markup.
  return JSON.stringify({ ...input, nonce: '' }).replace(/</g, '\\u003c');
}

/** Reads what `writeState` wrote; undefined when the page has none. */
export function readState(text: string): PageInput | undefined {
  if (!text) return undefined;
  // The type holds because both sides are built from the same source and served as one page.
  const state: PageInput = JSON.parse(text);
  return state;
}
