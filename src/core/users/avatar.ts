const SIZE = 64;

/** FNV-1a (draft-eastlake-fnv §2): any spread will do, it only picks a hue. */
function hueOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % 360;
}

function initialsOf(text: string): string {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  const ends = words.length > 1 ? [words.at(0), words.at(-1)] : words;
  // By code points, so that no letter is cut in half.
  return ends
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toLocaleUpperCase('en');
}

/**
 * A picture with the initials of a person: nothing to fetch, so that a page needs no third party.
 * In: a name, or a username where there is none; it may be empty. Out: an SVG image as a `data:` URL, always the same
 * for the same text. Letters and digits only go into it, so the text cannot break out of the markup.
 */
export function avatarOf(nameOrUsername: string): string {
  const text = nameOrUsername.normalize('NFKC').trim();
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="0 0 64 64">` +
    `<rect width="64" height="64" fill="hsl(${hueOf(text)},45%,38%)"/>` +
    '<text x="32" y="33" fill="#fff" font-family="sans-serif" font-size="26" text-anchor="middle"' +
    ` dominant-baseline="central">${initialsOf(text)}</text></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
