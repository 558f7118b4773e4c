// Marks, embeddings, overrides and isolates (UAX #9, 2): they turn the order of the letters around them.
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text that cannot turn the sentence round that it stands in (T23). */
export const withoutDirections = (text: string): string => text.replace(DIRECTIONS, '');

/** A name as a sentence takes it: in one line, too. */
export const nameInSentence = (name: string): string => withoutDirections(name).replace(/\s+/g, ' ').trim();
