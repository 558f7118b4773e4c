/** Places of a signature: half of them for pieces of three letters, half for pieces of five. */
export const POSITIONS = 65_536;

const SHORT = 3;
const LONG = 5;

/** Of so many pieces of each length a word is known well enough. */
const ASKED = 8;

/** A bound for the work that a search of many words makes. */
const ASKED_IN_ALL = 64;

/**
 * A text as the pieces of both sides are made of it. In: what PostgreSQL's `lower` gave, so that letters that `ilike` takes
 * for equal are equal here, in any locale. What else a locale's rules do to single letters is levelled: columns with the
 * collation "C" are compared without those.
 */
function levelled(lowered: string): string {
  if (!/[\u0307ıİIς]/.test(lowered)) return lowered;
  return lowered
    .replace(/\u0307/g, '')
    .replace(/[ıİI]/g, 'i')
    .replace(/ς/g, 'σ');
}

const HALF = POSITIONS / 2;

// FNV-1a, with the finish of Murmur 3 so that all bits count.
const SEED = 0x811c9dc5;
const hashed = (hash: number, text: string, at: number): number => Math.imul(hash ^ text.charCodeAt(at), 0x01000193);

function finished(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) & (HALF - 1);
}

function hashOfShort(text: string, at: number): number {
  return hashed(hashed(hashed(SEED, text, at), text, at + 1), text, at + 2);
}

/** From the hash of the short piece at the same place. */
function hashOfLong(short: number, text: string, at: number): number {
  return hashed(hashed(short, text, at + SHORT), text, at + SHORT + 1);
}

/** Visits the places of all pieces of a lowered text. */
export function visitPieces(lowered: string, visit: (position: number) => void): void {
  const text = levelled(lowered);
  for (let at = 0; at + SHORT <= text.length; at++) {
    const short = hashOfShort(text, at);
    visit(finished(short));
    if (at + LONG <= text.length) visit(HALF + finished(hashOfLong(short, text, at)));
  }
}

/** Where the asked pieces of a word begin: all of them, or some that are spread over the word. */
function beginnings(word: string, length: number): number[] {
  const last = word.length - length;
  const count = Math.min(ASKED, last + 1);
  if (count <= 1) return last === 0 ? [0] : [];
  return Array.from({ length: count }, (_, n) => Math.round((n * last) / (count - 1)));
}

/**
 * The places that a text has if it has these words, lowered, as parts; none where all are shorter than a piece. Of long words
 * some, spread over the word.
 */
export function askedPositions(words: readonly string[]): number[] {
  const positions = new Set<number>();
  for (const word of words.map(levelled)) {
    for (const at of beginnings(word, SHORT)) positions.add(finished(hashOfShort(word, at)));
    for (const at of beginnings(word, LONG))
      positions.add(HALF + finished(hashOfLong(hashOfShort(word, at), word, at)));
  }
  return [...positions].slice(0, ASKED_IN_ALL);
}
