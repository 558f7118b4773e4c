import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonObject } from '../../../../kernel/schema/types.ts';
import type { Json } from '../../../../kernel/schema/types.ts';
import { readMessage } from './message.ts';

const ELEMENTS = new Set(['p', 'heading', 'ul', 'ol', 'li', 'quote', 'strong', 'em', 'code', 'pre', 'br', 'a']);

const HARMLESS = /^(https?:\/\/[^/]|mailto:[^?]+$)/i;

/** Every element of a message, and every address in it. */
function partsOf(part: Json): { element: string; href: string | null }[] {
  if (Array.isArray(part)) return part.flatMap(partsOf);
  if (!isJsonObject(part)) return [];
  const { element, href = null, parts = [] } = part;
  if (typeof element !== 'string' || (href !== null && typeof href !== 'string')) throw new Error('Not a part.');
  return [{ element, href }, ...partsOf(parts)];
}

const textOf = (part: Json): string => {
  if (typeof part === 'string') return part;
  if (Array.isArray(part)) return part.map(textOf).join('');
  return isJsonObject(part) ? textOf(part['parts'] ?? []) : '';
};

test('T23: whatever is written, only known elements come out, and only links of harmless schemes', () => {
  const bits = fc.constantFrom(
    '<b>',
    '<script>',
    '</p>',
    '[a](',
    'javascript:',
    'JaVaScRiPt&colon;',
    'https://x.example',
    'data:text/html,x',

    'mailto:a@x.example',
    '?cc=b@x.example',
    ')',
    '![',
    '](',
    '**',
    '_',
    '`',
    '```\n',
    '> ',
    '- ',
    '1. ',
    '# ',
    '\n\n',

    '&lt;',
    '&#106;',
    '\\',
    '//evil.example',
    '\t',
    ' ',
    '|',
    '~~',
    '[^1]',
    'vbscript:x',
    'http://u:p@x.example',
    '<https://a.example>',
  );
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 40 }), (words) => {
      for (const { element, href } of partsOf(readMessage(words.join(''), 'markdown'))) {
        expect(ELEMENTS.has(element)).toBe(true);
        expect(href === null || HARMLESS.test(href)).toBe(true);
        expect(href === null || element === 'a').toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['[x](javascript:alert(1))'],
  ['[x](  javascript:alert(1))'],
  ['[x](java\tscript:alert(1))'],
  ['[x](&#106;avascript:alert(1))'],
  ['[x](data:text/html;base64,PHNjcmlwdD4=)'],
  ['[x](//evil.example)'],
  ['[x](/admin)'],
  ['[x](https:evil)'],
  ['[x](https://good.example@evil.example/)'],
  ['[x](mailto:a@x.example?bcc=b@x.example)'],
])('%s is no link (T22, E15)', (text) => {
  expect(partsOf(readMessage(text, 'markdown')).filter(({ href }) => href !== null)).toEqual([]);
});

test('plain text is paragraphs and nothing else, without what turns the order of letters', () => {
  expect(readMessage('**a** <b>\n\nsecond\u202Eline\u0000', 'plain')).toEqual([
    { element: 'p', parts: ['**a** <b>'] },
    { element: 'p', parts: ['secondline'] },
  ]);
  expect(readMessage('', 'plain')).toEqual([]);
});

test('deep and long messages come to an end, with their text', () => {
  expect(textOf(readMessage('> '.repeat(2000) + 'deep', 'markdown'))).toContain('deep');
  expect(textOf(readMessage('> '.repeat(1990) + 'deep', 'markdown'))).toContain('deep');
  expect(textOf(readMessage('x'.repeat(100_000), 'markdown')).length).toBeLessThanOrEqual(10_000);
});
