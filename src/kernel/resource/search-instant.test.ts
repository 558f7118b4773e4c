import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toyApp } from './builders.ts';
import type { ToyApp } from './builders.ts';

const INSTANTS = `
  2027-01-01T00:00:00Z 2030-05-01T05:01:05Z 2030-05-01T05:01:05.000501Z 2031-12-31T23:59:59.999999Z 2032-02-29T10:10:10Z
  2033-10-05T20:30:20.050000Z 2099-12-05T12:34:56.789012Z 2100-03-01T00:00:00.500000Z 3050-10-10T01:02:03Z
  5010-06-07T08:09:10.200000Z 7501-11-11T11:11:11.111111Z 9999-12-31T23:59:59.000001Z`
  .trim()
  .split(/\s+/);
const EXAMPLES = `
  0501 2030-05 05:01 501 5:01 :01: 23:5 1T05 :05Z 99:9 13-3 42 20 2032-02-3
  9999- 00Z .0 Z 9999 000`
  .trim()
  .split(/\s+/);
const SEPARATORS = ['-', ':', 'T', '.', 'Z', 't', 'z'];

let app: ToyApp;
beforeAll(async () => {
  app = await toyApp();
  for (const expires of INSTANTS)
    await app.send('POST', '/toys/books/', { name: 'xx', expires, order: INSTANTS.indexOf(expires) });
});
afterAll(() => app.close());

async function found(word: string): Promise<string[]> {
  const answer = await app.send(
    'GET',
    `/toys/books/?search=${encodeURIComponent(word)}&page_size=100&ordering=expires`,
  );
  return answer.json().results.map(({ expires }: { expires: string }) => expires);
}

const instant = fc.constantFrom(...INSTANTS);
const part = fc
  .tuple(instant, fc.nat(26), fc.integer({ min: 1, max: 27 }))
  .map(([text, from, length]) => text.slice(from % text.length, (from % text.length) + length));
const spoilt = fc
  .tuple(part, fc.nat(26), fc.constantFrom(...'0123456789', ...SEPARATORS))
  .map(([text, at, sign]) => `${text.slice(0, at % text.length)}${sign}${text.slice((at % text.length) + 1)}`);
const anyWord = fc.array(fc.constantFrom(...'0123456789', ...SEPARATORS), { minLength: 1, maxLength: 8 });

test('a word finds exactly the instants whose text on the wire has it as a part, in any letter case', async () => {
  const words = fc.oneof(
    part,
    spoilt,
    anyWord.map((signs) => signs.join('')),
  );
  await fc.assert(
    fc.asyncProperty(words, async (word) => {
      const expected = INSTANTS.filter((text) => text.includes(word.toUpperCase()));
      expect([word, await found(word)]).toEqual([word, expected]);
    }),
    {
      numRuns: 600,
      examples: EXAMPLES.map((word) => [word] as [string]),
    },
  );
});
