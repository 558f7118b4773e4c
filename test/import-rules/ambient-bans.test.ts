import { afterAll, afterEach, expect, test } from 'vitest';
import { plantedTree } from '../plants/planted-tree.ts';

const SCRIPT = 'ambient-bans.mjs';
const PLANT = 'src/features/stages/planted/stage.ts';
const tree = plantedTree();
const before = tree.check(SCRIPT).lines;

afterEach(() => tree.clear());
afterAll(() => tree.remove());

function addedBy(path: string, text: string): readonly string[] {
  tree.plant(path, `${text}\n`);
  return tree.check(SCRIPT).lines.filter((line) => !before.includes(line));
}

test.each([
  ['Date.now', 'export const at = Date.now();'],
  ['Date.now', 'export const clock = { now: globalThis.Date.now };'],
  ['new Date()', 'export const at = new Date();'],
  ['Date()', 'export const at = Date();'],
  ['Math.random', "export const dice = Math['random']();"],
  ['crypto.randomUUID', 'export const id = crypto.randomUUID();'],
  ['crypto.randomUUID', "export { id };\nimport { randomUUID as id } from 'node:crypto';"],
  ['crypto.randomBytes', "import * as crypto from 'node:crypto';\nexport const key = crypto.randomBytes(16);"],
  ['fetch', "export const answer = await fetch('http://127.0.0.1');"],
  ['fetch', 'export const tools = { fetch };'],
  ['fetch', 'export const get = (call = fetch) => call;'],
])('%s is refused outside the kernel: %s', (what, text) => {
  expect(addedBy(PLANT, text)).toEqual([expect.stringContaining(` uses ${what}: `)]);
});

test.each([
  ['the kernel may', 'src/kernel/planted.ts', 'export const at = new Date(Date.now() + Math.random());'],
  ['a given moment is no clock', PLANT, "export const at = new Date('2026-01-01T00:00:00Z');"],
  [
    'a fetch that was handed in',
    PLANT,
    'export const get = ({ fetch }: { fetch: (url: string) => void }) => fetch("x");',
  ],
  ['a property called fetch', PLANT, 'export const get = (client: { fetch(): void }) => client.fetch();'],
  ['a test calls its own server', 'src/features/stages/planted/stage.test.ts', "await fetch('http://127.0.0.1');"],
])('%s', (_what, path, text) => {
  expect(addedBy(path, text)).toEqual([]);
});

test('an empty tree and one that does not parse fail instead of passing', () => {
  const empty = plantedTree({ empty: true });
  const nothing = empty.check(SCRIPT).code;
  empty.plant(PLANT, 'const = ;');
  const garbled = empty.check(SCRIPT).code;
  empty.remove();
  expect([nothing, garbled]).toEqual([1, 1]);
});
