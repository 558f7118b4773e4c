import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from './config.ts';
import { loadSecretKey } from './secret-key.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vestibule-key-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a key is made once, readable by its owner only, and kept', async () => {
  const data = join(directory, 'new', 'data');
  const key = await loadSecretKey(data);
  expect(key).toMatch(/^[A-Za-z0-9]{64}$/);
  expect(await loadSecretKey(data)).toBe(key);
  expect((await readFile(join(data, 'secret.key'), 'utf8')).trim()).toBe(key);
  expect((await stat(join(data, 'secret.key'))).mode & 0o777).toBe(0o600);
  expect(await readdir(data)).toEqual(['secret.key']);
});

test('a configured key wins and nothing is written', async () => {
  expect(await loadSecretKey(directory, 'c'.repeat(32))).toBe('c'.repeat(32));
  expect(await readdir(directory)).toEqual([]);
});

test('all who start at once get one key', async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => loadSecretKey(directory)));
  expect(new Set(keys).size).toBe(1);
  expect(await readdir(directory)).toEqual(['secret.key']);
});

test('a damaged key file stops the start instead of being replaced', async () => {
  await writeFile(join(directory, 'secret.key'), 'short\n');
  await expect(loadSecretKey(directory)).rejects.toThrow(ConfigError);
  await expect(loadSecretKey(directory)).rejects.not.toThrow('short\n');
  expect(await readFile(join(directory, 'secret.key'), 'utf8')).toBe('short\n');
});
