import type { Challenge } from '../kit/challenge.ts';
import { readChallenge } from './challenge.ts';
import type { Answer } from './collect.ts';
import type { FlowKey } from './flow-words.ts';

/** The next challenge, or the message that says why there is none. */
export type Outcome = { readonly challenge: Challenge } | { readonly problem: FlowKey };

const CSRF_COOKIE = 'authentik_csrf';

/**
 * Posts an answer to the executor and follows to the next challenge (contract part 2, section 4). Never throws.
 * @param csrfToken used while the browser has no cookie of its own; the cookie changes at login, so it is read each time
 */
export async function sendAnswer(executorUrl: string, answer: Answer, csrfToken: string | undefined): Promise<Outcome> {
  const token = cookie(CSRF_COOKIE) ?? csrfToken;
  const headers: Record<string, string> = { Accept: 'application/json', 'Content-Type': 'application/json' };
  if (token) headers['X-authentik-CSRF'] = token;
  try {
    const body = JSON.stringify(answer);
    const response = await fetch(executorUrl, { method: 'POST', credentials: 'same-origin', headers, body });
    if (!response.ok) return { problem: PROBLEMS.get(response.status) ?? 'unexpected' };
    return await readOutcome(response);
  } catch {
    return { problem: 'offline' };
  }
}

const PROBLEMS: ReadonlyMap<number, FlowKey> = new Map([
  [403, 'outdated'],
  [404, 'outdated'],
  [413, 'tooLarge'],
  [429, 'tooMany'],
]);

async function readOutcome(response: Response): Promise<Outcome> {
  const text = await response.text();
  try {
    const wire: unknown = JSON.parse(text);
    const challenge = readChallenge(wire);
    return challenge ? { challenge } : { problem: 'unexpected' };
  } catch {
    return { problem: 'unexpected' };
  }
}

function cookie(name: string): string | undefined {
  const pair = document.cookie.split('; ').find((entry) => entry.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) || undefined;
}
