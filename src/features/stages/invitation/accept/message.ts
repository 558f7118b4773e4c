import { LRUCache } from 'lru-cache';
import { lexer } from 'marked';
import type { MarkedToken, Token } from 'marked';
import type { Json, JsonObject } from '../../../../kernel/schema/types.ts';
import { withoutDirections } from '../directions.ts';

/**
 * A part of a message as the page shows it: a text, or an element with parts in it. There is no place in it for markup:
 * what the page does not know is text (T23).
 */
export type Part = string | { readonly element: Element; readonly parts: readonly Part[]; readonly href?: string };
export type Element = 'p' | 'heading' | 'ul' | 'ol' | 'li' | 'quote' | 'strong' | 'em' | 'code' | 'pre' | 'br' | 'a';

const MAX_LENGTH = 10_000;
// Markdown that is written to be slow takes some 100 ms at this length, and grows with its square.
const MAX_MARKDOWN = 4000;
const REMEMBERED = 200;
const MAX_DEPTH = 8;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

const clean = (text: string): string =>
  withoutDirections(text.slice(0, MAX_LENGTH)).replace(/\r\n?/g, '\n').replace(CONTROL, '');

const ENTITIES: { readonly [name: string]: string } = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
const decode = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);

const LINK = /^(?:https?:\/\/[^/]|mailto:[^?]+$)/i;

/** An address that may be a link: http, https, or mailto without anything but the address. */
function targetOf(href: string): string | undefined {
  const address = decode(href);
  // Browsers read addresses without what cannot be seen in them, and take `\` for `/`.
  if (/[\s\\\u0000-\u001f]/.test(address) || !LINK.test(address) || !URL.canParse(address)) return undefined;
  const { protocol, username, password } = new URL(address);
  const isKnown = ['http:', 'https:', 'mailto:'].includes(protocol);
  return isKnown && username === '' && password === '' ? address : undefined;
}

const isMarked = (token: Token): token is MarkedToken => token.type !== 'generic';

function partsOf(tokens: readonly Token[] | undefined, depth: number): Part[] {
  if (depth > MAX_DEPTH) return (tokens ?? []).map(({ raw }) => raw);
  return (tokens ?? []).flatMap((token) => (isMarked(token) ? partOf(token, depth) : [token.raw]));
}

// oxlint-disable-next-line complexity -- one line for each kind of token
function partOf(token: MarkedToken, depth: number): Part[] {
  const within = (tokens: readonly Token[] | undefined): Part[] => partsOf(tokens, depth + 1);
  switch (token.type) {
    case 'space':
    case 'def':
    case 'hr':
      return [];
    case 'paragraph':
      return [{ element: 'p', parts: within(token.tokens) }];
    case 'heading':
      return [{ element: 'heading', parts: within(token.tokens) }];
    case 'blockquote':
      return [{ element: 'quote', parts: within(token.tokens) }];
    case 'list':
      return [{ element: token.ordered ? 'ol' : 'ul', parts: within(token.items) }];
    case 'list_item':
      return [{ element: 'li', parts: within(token.tokens) }];
    case 'strong':
      return [{ element: 'strong', parts: within(token.tokens) }];
    case 'em':
      return [{ element: 'em', parts: within(token.tokens) }];
    case 'codespan':
      return [{ element: 'code', parts: [token.text] }];
    case 'code':
      return [{ element: 'pre', parts: [token.text] }];
    case 'br':
      return [{ element: 'br', parts: [] }];
    case 'escape':
      return [token.text];
    case 'text':
      return token.tokens ? within(token.tokens) : [decode(token.text)];
    case 'link':
      return linkOf(token.href, within(token.tokens));
    case 'image':
      return [decode(token.text)];
    default:
      return [token.raw];
  }
}

function linkOf(href: string, parts: Part[]): Part[] {
  const target = targetOf(href);
  return target === undefined ? parts : [{ element: 'a', href: target, parts }];
}

/** The parts of a plain message: its paragraphs. */
const plain = (text: string): Part[] =>
  text
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => ({ element: 'p', parts: [paragraph.trim()] }));

const asJson = (part: Part): Json => {
  if (typeof part === 'string') return part;
  const { element, parts, href } = part;
  const json: JsonObject = { element, parts: parts.map(asJson) };
  return href === undefined ? json : { ...json, href };
};

function markdown(text: string): Part[] {
  if (text.length > MAX_MARKDOWN) return plain(text);
  try {
    return partsOf(lexer(text), 0);
  } catch {
    // Nested so deep that the parser's stack does not reach.
    return plain(text);
  }
}

// The same page is asked for again and again, by whoever likes.
const known = new LRUCache<string, Json[]>({ max: REMEMBERED });

/**
 * An invitation's message in the form in which the page shows it. Markdown of more than 4,000 characters is plain text,
 * and of any text no more than 10,000 are shown.
 * @param format `markdown`, or anything else for plain text
 */
export function readMessage(text: string, format: string): Json {
  const key = `${format} ${text}`;
  const remembered = known.get(key);
  if (remembered) return remembered;
  const cleaned = clean(text);
  const parts = (format === 'markdown' ? markdown(cleaned) : plain(cleaned)).map(asJson);
  known.set(key, parts);
  return parts;
}
