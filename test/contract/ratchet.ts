import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkResponse, operationIdOf } from './check-response.ts';
import type { Answer, Problem } from './check-response.ts';

/** Where the processes of a test run leave what they saw; `scripts/contract-ratchet.mjs` reads it. */
export const exercisedFolder = fileURLToPath(new URL('../../.cache/exercised/', import.meta.url));

/** Checks an answer and, when it is right, notes that its operation was brought to its status. */
export type Observe = (answer: Answer) => Problem[];

/**
 * An observer that notes (operationId, status) in a folder, one file per process, one line per pair, each pair once.
 * An answer with a problem counts as not seen, and so does one that belongs to no operation.
 */
export function createObserver(folder: string): Observe {
  const seen = new Set<string>();
  return (answer) => {
    const problems = checkResponse(answer);
    const operation = operationIdOf(answer);
    if (problems.length > 0 || operation === undefined || answer.method.toUpperCase() === 'HEAD') return problems;
    const pair = `${operation} ${answer.status}`;
    if (!seen.has(pair)) note(folder, pair);
    seen.add(pair);
    return problems;
  };
}

/** The observer of the test run. */
export const observeResponse: Observe = createObserver(exercisedFolder);

/** All problems as the message of a failing test, one a line; undefined when there is none. */
export function describeProblems(answer: Answer, problems: readonly Problem[]): string | undefined {
  if (problems.length === 0) return undefined;
  const lines = problems.map(({ rule, at, message }) => `  ${rule} ${at || '(whole)'}: ${message}`);
  const url = answer.url.replace(/[?#].*$/s, ''); // the query may carry the token of an invitation
  return [`${answer.method} ${url} answered ${answer.status} against the contract:`, ...lines].join('\n');
}

function note(folder: string, pair: string): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, `${process.pid}.txt`), `${pair}\n`);
}
