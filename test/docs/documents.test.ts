import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { order } from '../../src/core/order.ts';
import { discoverFeatures } from '../../src/installation.ts';
import { describeVariables } from '../../src/kernel/config/config.ts';
import { task } from '../../src/kernel/tasks/task.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const markdownBelow = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const documents = ['', 'docs', 'docs/decisions', 'changes'].flatMap(markdownBelow);

test('the table of variables in the README is the one of the configuration schema', () => {
  const table = /<!-- prettier-ignore-start -->\n([^]*?)<!-- prettier-ignore-end -->/.exec(read('README.md'))?.[1];
  expect(table).toBe(`\n${describeVariables()}\n`);
});

test('the plan of the house names the core in its order, and every stage', async () => {
  const text = read('ARCHITECTURE.md');
  expect(text).toContain(`    ${order.join(' ')}\n`);
  const stages = readdirSync(join(root, 'src/features/stages'));
  expect(stages.filter((name) => !new RegExp(`features/stages/ [^\n]*\\b${name}\\b`).test(text))).toEqual([]);
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  test('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, dirname(path), link)))).toEqual([]);
  });

  test('names tests that exist', () => {
    const named = [...text.matchAll(/`((?:src|test)\/[\w./-]+\.(?:test\.ts|ts|tsx|mjs))`/g)].map(
      ([, file = '']) => file,
    );
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

test('every task with a schedule is in the page on retention, with its schedule', async () => {
  const { registry } = await discoverFeatures();
  const rows = read('docs/data-retention.md').replaceAll(/ +/g, ' ');
  const scheduled = registry.all(task).filter(({ schedule, every }) => schedule !== undefined || every !== undefined);
  expect(scheduled.length).toBeGreaterThan(3);
  const missing = scheduled.filter(({ name, schedule, every }) => {
    return !rows.includes(`| \`${name}\` | ${every === undefined ? `\`${schedule}\`` : `every ${every} s`} |`);
  });
  expect(missing.map(({ name }) => name)).toEqual([]);
});

describe('the pictures', () => {
  const shown = documents.flatMap((path) =>
    [...read(path).matchAll(/!\[([^\]]*)\]\(([^)]*)\)/g)].map(([, words = '', link = '']) => ({
      words,
      file: join(dirname(path), link),
    })),
  );

  test('are told in words for who does not see them', () => {
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter(({ words }) => words.trim().length < 20)).toEqual([]);
  });

  test('are all shown by a document, and are below 60 kB', () => {
    const kept = readdirSync(join(root, 'docs/images')).map((name) => `docs/images/${name}`);
    expect(kept.toSorted()).toEqual([...new Set(shown.map(({ file }) => file))].toSorted());
    expect(kept.filter((file) => statSync(join(root, file)).size > 60_000)).toEqual([]);
  });
});

describe('the table of threats', () => {
  const rows = [...read('docs/security.md').matchAll(/^\| (T\d\d) [^|]*\|([^|]*)\|([^|]*)\|/gm)].map(
    ([, number = '', holds = '', proved = '']) => ({
      number,
      holds: holds.trim(),
      files: [...proved.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
    }),
  );

  test('has a row for each of T01 to T25, in their order', () => {
    const numbers = Array.from({ length: 25 }, (_, at) => `T${String(at + 1).padStart(2, '0')}`);
    expect(rows.map(({ number }) => number)).toEqual(numbers);
    expect(rows.filter(({ holds, files }) => holds === '' || files.length === 0)).toEqual([]);
  });

  test('names only tests that carry the number in the name of a test', () => {
    // A name is on the line of its test, or a line of its own: as text of a table of cases, or of a long call.
    const carries = (file: string, number: string): boolean =>
      read(file)
        .split('\n')
        .some((line) => new RegExp(`^(?!\\s*(?://|\\*)).*['"\`].*\\b${number}\\b`).test(line));
    const wrong = rows.flatMap(({ number, files }) =>
      files.filter((file) => !/\.test\.tsx?$/.test(file) || !carries(file, number)).map((file) => `${number} ${file}`),
    );
    expect(wrong).toEqual([]);
  });
});
