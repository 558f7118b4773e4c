import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { nodesOf, readVersions } from '../../scripts/test/nodes.mjs';

const home = fileURLToPath(new URL('.', import.meta.url));
const manifest = JSON.parse(readFileSync(`${home}package.json`, 'utf8'));
const wanted = (text: string): string[] => nodesOf(manifest, text).map(({ version }) => version);

test('the matrix has the floor of the product and every version since that is kept up', () => {
  const { engines } = JSON.parse(readFileSync(`${home}../../package.json`, 'utf8'));
  const [floor, ...others] = wanted('');
  expect(engines.node).toBe(`>=${floor?.replace(/\.0$/, '')}`);
  expect(others.map((version) => version.split('.')[0])).toEqual(['22', '24', '26']);
});

test('versions are chosen by how they begin, at a dot, in the order of the matrix', () => {
  expect(wanted('24,22')).toEqual(wanted('22,24'));
  expect(wanted('20.19.0')).toEqual(['20.19.0']);
  expect(wanted('20.19')).toEqual(['20.19.0']);
  expect(() => wanted('2')).toThrow('There is no Node 2 here');
  expect(() => wanted('22,18')).toThrow('There is no Node 18 here');
});

test('what is not installed is known to be missing', () => {
  expect(readVersions('/nowhere').size).toBe(0);
});

test('a program that a test starts as node is the Node that the test runs on', () => {
  expect(execFileSync('node', ['--version'], { encoding: 'utf8' }).trim()).toBe(process.version);
});
