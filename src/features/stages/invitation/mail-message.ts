import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';
import { readMessage } from './accept/message.ts';

/** A stretch of text of one look; `br` begins a new line. */
type Run = { readonly text: string; readonly strong: boolean; readonly em: boolean; readonly br: boolean };
type Look = { readonly strong: boolean; readonly em: boolean };

/** A paragraph, a heading, or an item of a list behind its mark. */
export type Block = { readonly heading: boolean; readonly mark: string; readonly runs: readonly Run[] };

const PLAIN: Look = { strong: false, em: false };
const BLOCKS = new Set(['p', 'heading', 'ul', 'ol', 'li', 'quote', 'pre']);

const partsOf = ({ parts }: JsonObject): readonly Json[] => (Array.isArray(parts) ? parts : []);

const isBlock = (part: Json): part is JsonObject =>
  isJsonObject(part) && typeof part['element'] === 'string' && BLOCKS.has(part['element']);

const linesOf = (text: string, look: Look): Run[] =>
  text.split('\n').map((line, at) => ({ ...look, text: line, br: at > 0 }));

/** Says where a link leads: nobody who reads a mail of ours is led elsewhere than the words say (T21). */
function target(href: string, runs: readonly Run[]): Run[] {
  const address = href.replace(/^mailto:/i, '');
  const isSaid = runs.map(({ text }) => text).join('') === address;
  return isSaid ? [] : [{ ...PLAIN, text: ` (${address})`, br: false }];
}

function runsOf(part: Json, look: Look): Run[] {
  if (typeof part === 'string') return linesOf(part, look);
  if (!isJsonObject(part)) return [];
  const { element, href } = part;
  if (element === 'br') return [{ ...look, text: '', br: true }];
  const within = { strong: look.strong || element === 'strong', em: look.em || element === 'em' };
  const runs = partsOf(part).flatMap((one) => runsOf(one, within));
  return typeof href === 'string' ? [...runs, ...target(href, runs)] : runs;
}

type Under = { readonly heading: boolean; readonly mark: string };

/** Blocks in the order of reading; what is inside of others follows what is before it there. */
function blocksIn(parts: readonly Json[], under: Under): Block[] {
  const blocks: Block[] = [];
  let runs: Run[] = [];
  let { mark } = under;
  const end = (): void => {
    if (runs.some(({ text }) => text.trim() !== '')) {
      blocks.push({ heading: under.heading, mark, runs });
      mark = '';
    }
    runs = [];
  };
  for (const part of parts) {
    if (!isBlock(part)) {
      runs.push(...runsOf(part, PLAIN));
      continue;
    }
    end();
    blocks.push(...blocksOf(part, mark));
    if (blocks.length > 0) mark = '';
  }
  end();
  return blocks;
}

function blocksOf(block: JsonObject, mark: string): Block[] {
  const { element } = block;
  const parts = partsOf(block);
  if (element !== 'ul' && element !== 'ol') return blocksIn(parts, { heading: element === 'heading', mark });
  const markOf = (at: number): string => (element === 'ol' ? `${at + 1}. ` : '• ');
  return parts.flatMap((item, at) => (isBlock(item) ? blocksOf(item, markOf(at)) : []));
}

/** A message for the HTML of a mail. There is no place in it for markup (T23). */
export const blocksOfMessage = (message: string, format: string): Block[] => {
  const read = readMessage(message, format);
  return blocksIn(Array.isArray(read) ? read : [], { heading: false, mark: '' });
};

/** The same for its text: lines, none of them empty. */
export const linesOfBlocks = (blocks: readonly Block[]): string[] =>
  blocks
    .map(({ mark, runs }) => mark + runs.map(({ text, br }) => (br ? `\n${text}` : text)).join(''))
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.trim() !== '');
