import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createObserver, describeProblems } from './ratchet.ts';
import type { Observe } from './ratchet.ts';

const script = fileURLToPath(new URL('../../scripts/contract-ratchet.mjs', import.meta.url));
let folder: string;
let committed: string;
let observe: Observe;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ratchet-'));
  committed = join(folder, 'committed.json');
  observe = createObserver(join(folder, 'seen'));
  commit({});
});
afterEach(() => rmSync(folder, { recursive: true }));

const commit = (list: Record<string, number[]>): void => writeFileSync(committed, JSON.stringify(list));

function ratchet(...flags: string[]): { status: number | null; output: string } {
  const places = ['--seen', join(folder, 'seen'), '--committed', committed];
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...places, ...flags], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

function refuse(status: number, url = '/api/v3/core/users/'): ReturnType<Observe> {
  return observe({ method: 'GET', url, status, contentType: 'application/json', body: { detail: 'no' } });
}

function implemented(...operations: string[]): string[] {
  const file = join(folder, 'implemented.json');
  writeFileSync(file, JSON.stringify(operations));
  return ['--implemented', file];
}

test('a committed pair that was seen passes', () => {
  commit({ core_users_list: [403] });
  refuse(403);
  expect(ratchet().status).toBe(0);
});

test('a committed pair that was not seen fails', () => {
  commit({ core_users_list: [200, 403] });
  refuse(403);
  const { status, output } = ratchet();
  expect(status).toBe(1);
  expect(output).toContain('not seen in this run: core_users_list 200');
});

test('a run in which nothing was seen fails', () => {
  expect(ratchet().status).toBe(1);
});

test('an answer against the contract does not count as seen', () => {
  expect(refuse(500)).toHaveLength(1);
  expect(ratchet().output).toContain('no test has recorded an answer');
});

test('an update adds what was seen and takes nothing away', () => {
  commit({ core_users_list: [200] });
  refuse(403);
  refuse(403, '/api/v3/core/groups/');
  expect(ratchet('--update').status).toBe(0);
  expect(JSON.parse(readFileSync(committed, 'utf8'))).toEqual({ core_groups_list: [403], core_users_list: [200, 403] });
});

test('an implemented operation that never came to a success fails', () => {
  refuse(403);
  const { status, output } = ratchet(...implemented('core_users_list'));
  expect(status).toBe(1);
  expect(output).toContain('no test brought it to a success: core_users_list');
});

test('a redirect of the executor counts as a success', () => {
  observe({ method: 'POST', url: '/api/v3/flows/executor/a/', status: 302, contentType: undefined, body: '' });
  expect(ratchet(...implemented('flows_executor_solve')).status).toBe(0);
});

test('an empty list of implemented operations fails, since it would prove nothing', () => {
  refuse(403);
  expect(ratchet(...implemented()).status).toBe(1);
});

test('a reset forgets the last run', () => {
  refuse(403);
  expect(ratchet('--reset').status).toBe(0);
  expect(ratchet().status).toBe(1);
});

test('the message of a failing answer names the place and hides the query, which may carry a token (T08)', () => {
  const answer = { method: 'GET', url: '/api/v3/core/users/?q=secret', status: 401, contentType: undefined, body: '' };
  const message = describeProblems(answer, observe(answer));
  expect(message).toContain('GET /api/v3/core/users/ answered 401');
  expect(message).not.toContain('secret');
});
