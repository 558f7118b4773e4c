import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { plantedTree } from '../plants/planted-tree.ts';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const tree = plantedTree({ empty: true });
cpSync(join(repository, '.oxlintrc.json'), join(tree.root, '.oxlintrc.json'));

afterEach(() => tree.clear());
afterAll(() => tree.remove());

test.each([
  [
    'no-floating-promises',
    'async function work(): Promise<void> {}\nexport const start = (): void => {\n  work();\n};',
  ],
  ['no-explicit-any', 'export const value = (input: any): number => input;'],
  ['no-non-null-assertion', 'export const first = (list: string[]): string => list[0]!;'],
  ['ban-ts-comment', '// @ts-ignore\nexport const wrong: number = 1;'],
  ['max-params', 'export const four = (a: 1, b: 1, c: 1, d: 1): number => a + b + c + d;'],
  ['max-lines', 'void 0;\n'.repeat(401)],
  ['max-lines-per-function', `export function long(): void {\n${'  void 0;\n'.repeat(80)}}`],
  ['eqeqeq', 'export const same = (a: number, b: number): boolean => a == b;'],
  ['no-console', "export const say = (): void => console.log('hello');"],
  ['no-default-export', 'export default 1;'],
])('the linter refuses a planted breach of %s', (rule, text) => {
  tree.plant('src/kernel/planted.ts', `${text}\n`);
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(repository, 'node_modules/oxlint/bin/oxlint'), '--type-aware', '-f', 'unix', '.'],
    {
      cwd: tree.root,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${repository}/node_modules/.bin:${process.env['PATH']}` },
    },
  );
  expect(stdout).toContain(`(${rule})`);
  expect(status).toBe(1);
});
