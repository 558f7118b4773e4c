import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { plantedTree } from '../plants/planted-tree.ts';

const SCRIPT = 'import-rules.mjs';
const tree = plantedTree();

// A small house inside the copy of the real one: two core modules in order, two features, a page.
const house: Readonly<Record<string, string>> = {
  'src/core/planted-first/index.ts': "export { first } from './first.ts';\n",
  'src/core/planted-first/first.ts': 'export const first = 1;\n',
  'src/core/planted-first/builders.ts': 'export const buildFirst = 1;\n',
  'src/core/planted-first/tables.ts': 'export type FirstRow = { id: string };\nexport const columns = 1;\n',
  'src/core/planted-first/schema.ts': 'export const firstShape = 1;\n',
  'src/core/planted-second/index.ts': "export { first as second } from '../planted-first/index.ts';\n",
  'src/features/stages/planted-a/feature.ts': 'export const a = 1;\n',
  'src/features/stages/planted-a/schema.ts': 'export const shape = 1;\n',
  'src/features/stages/planted-b/feature.ts': 'export const b = 1;\n',
  'src/web/planted/page.tsx':
    "import { shape } from '../../features/stages/planted-a/schema.ts';\nexport const page = <p>Don't `{shape}`</p>;\n",
};

/** What is said of the tree as it stands: a plant must add exactly its own line. */
let before: readonly string[] = [];

beforeAll(() => {
  for (const [path, text] of Object.entries(house)) tree.plant(path, text);
  const order = readFileSync(join(tree.root, 'src/core/order.ts'), 'utf8');
  tree.plant('src/core/order.ts', order.replace('] as const', "  'planted-first',\n  'planted-second',\n] as const"));
  tree.settle();
  before = tree.check(SCRIPT).lines;
});
afterEach(() => tree.clear());
afterAll(() => tree.remove());

const violations: readonly (readonly [rule: string, what: string, file: string, text: string])[] = [
  ['1', 'kernel imports core', 'src/kernel/planted.ts', "import '../core/planted-first/index.ts';"],
  [
    '1',
    'a type of core in the kernel',
    'src/kernel/planted.ts',
    "export type R = import('../core/planted-first/tables.ts').FirstRow;",
  ],
  ['2', 'core imports a later module', 'src/core/planted-first/late.ts', "export * from '../planted-second/index.ts';"],
  [
    '2',
    'core imports a feature',
    'src/core/planted-first/late.ts',
    "export const a = await import('../../features/stages/planted-a/feature.ts');",
  ],
  ['2', 'a core module that the order lacks', 'src/core/planted-nowhere/index.ts', 'export const nowhere = 1;'],
  [
    '3',
    'feature imports feature',
    'src/features/stages/planted-b/stage.ts',
    "import type {} from '../planted-a/feature.ts';",
  ],
  [
    '3',
    'past the index of core',
    'src/features/stages/planted-b/stage.ts',
    "import { first } from '../../../core/planted-first/first.ts';",
  ],
  [
    '3',
    'a value of core tables',
    'src/features/stages/planted-b/stage.ts',
    "import { columns } from '../../../core/planted-first/tables.ts';",
  ],
  ['4', 'web imports the server', 'src/web/planted/more.tsx', "import '../../kernel/clock.ts';"],
  ['4', 'web imports node', 'src/web/planted/more.tsx', "import { readFileSync } from 'node:fs';"],
  [
    '4',
    'a ui folder imports its own feature',
    'src/features/stages/planted-a/ui/form.tsx',
    "import type { a } from '../feature.ts';",
  ],
  [
    '5',
    'schema.ts imports the server',
    'src/features/stages/planted-b/schema.ts',
    "import '../../../kernel/clock.ts';",
  ],
  ['5', 'schema.ts imports node', 'src/features/stages/planted-b/schema.ts', "import 'node:fs';"],
  [
    'test',
    'a source imports a builder',
    'src/features/stages/planted-b/stage.ts',
    "import '../../../core/planted-first/builders.ts';",
  ],
  ['test', 'a source leaves src', 'src/kernel/planted.ts', "import '../../test/anything.ts';"],
  ['main', 'main names a feature', 'src/planted.ts', "import './features/stages/planted-a/feature.ts';"],
  ['unresolved', 'a file that is not there', 'src/kernel/planted.ts', "import './nothing-here.ts';"],
];

test.each(violations)('rule %s fires on a plant: %s', (rule, _what, file, text) => {
  tree.plant(file, `${text}\n`);
  const verdict = tree.check(SCRIPT);
  const added = verdict.lines.filter((line) => !before.includes(line));
  expect(added).toEqual([expect.stringContaining(`rule ${rule}  ${file}:1 →`)]);
  expect(verdict.code).toBe(1);
});

test('rule 6 fires on a cycle of nothing but types', () => {
  tree.plant('src/kernel/planted-a.ts', "import type { B } from './planted-b.ts';\nexport type A = { b?: B };\n");
  tree.plant('src/kernel/planted-b.ts', "export type B = { a?: import('./planted-a.ts').A };\n");
  const added = tree.check(SCRIPT).lines.filter((line) => !before.includes(line));
  expect(added).toEqual(['rule 6  src/kernel/planted-a.ts:1 → kernel/planted-b.ts → kernel/planted-a.ts']);
});

test('what the rules allow is not reported', () => {
  tree.plant(
    'src/features/stages/planted-a/stage.ts',
    [
      "import '../../../core/planted-second/index.ts';",
      "import type { FirstRow } from '../../../core/planted-first/tables.ts';",
      "import '../../../kernel/clock.ts';",
      "const comment = `import '../planted-b/feature.ts'`; // import '../planted-b/feature.ts'",
      'export const row: FirstRow = { id: comment };',
    ].join('\n'),
  );
  tree.plant('src/features/stages/planted-a/a.test.ts', "import '../../../core/planted-first/builders.ts';\n");
  expect(tree.check(SCRIPT).lines).toEqual(before);
});

test('the number of modules read is the number there are', () => {
  const [, read, present] = /(\d+) modules read, (\d+) source files/.exec(tree.check(SCRIPT).output) ?? [];
  expect(Number(read)).toBeGreaterThan(Object.keys(house).length);
  expect(present).toBe(read);
});

test('a file that no rule reads makes the check fail', () => {
  tree.plant('src/kernel/planted.mjs', 'export const hidden = 1;\n');
  const verdict = tree.check(SCRIPT);
  expect(verdict.code).toBe(1);
  expect(verdict.output).toContain('The numbers differ');
});

test('a file that does not parse makes the check fail', () => {
  tree.plant('src/kernel/planted.ts', 'import { from;\n');
  const verdict = tree.check(SCRIPT);
  expect(verdict.code).toBe(1);
  expect(verdict.output).toContain('does not parse');
});

test('an empty tree fails instead of passing', () => {
  const empty = plantedTree({ empty: true });
  const verdict = empty.check(SCRIPT);
  empty.remove();
  expect(verdict.code).toBe(1);
  expect(verdict.output).toContain('nothing was checked');
});
