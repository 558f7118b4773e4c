import { expect, test } from 'vitest';
import { translateWire } from './flow-words.ts';

type Catalogue = Readonly<Record<string, string>>;

const catalogues = import.meta.glob<Catalogue>(['../**/messages.*.json', '../../features/*/*/ui/messages.*.json'], {
  eager: true,
  import: 'default',
});
const english = Object.keys(catalogues).filter((path) => path.endsWith('.en.json'));

test('there are catalogues to compare', () => {
  expect(english.length).toBeGreaterThan(2);
});

test.each(english)('%s and its German counterpart have the same keys and the same places for values', (path) => {
  const german = catalogues[path.replace('.en.json', '.de.json')] ?? {};
  expect(places(german)).toEqual(places(catalogues[path] ?? {}));
});

function places(catalogue: Catalogue): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(catalogue).map(([key, text]) => [key, (text.match(/\{\w+\}/g) ?? []).sort()]),
  );
}

test.each([
  ["Passwords don't match.", 'Die Passwörter stimmen nicht überein.'],
  ['"z" is not a valid choice.', '„z“ steht nicht zur Wahl.'],
  ['Ensure this field has no more than 150 characters.', 'Bitte höchstens 150 Zeichen.'],
  ['A text that only this installation knows', 'A text that only this installation knows'],
])('the server’s %j is shown in German as %j', (text, shown) => {
  expect(translateWire('de', text)).toBe(shown);
});

test('the server’s English is shown in English as it is', () => {
  expect(translateWire('en', 'Invalid password')).toBe('Invalid password');
});
