import type { ComponentType } from 'preact';
import type { ChallengeModule, ChallengeProps } from '../kit/challenge.ts';
import { AccessDenied } from './access-denied.tsx';
import { FlowError } from './flow-error.tsx';
import { Redirect } from './redirect.tsx';
import { SessionEnd } from './session-end.tsx';

// The browser's side of discovery: a stage's folder brings its own challenge, and nothing lists it.
const brought = import.meta.glob<ChallengeModule>('../../features/stages/*/ui/challenge.tsx', { eager: true });

const own: readonly (readonly [string, ComponentType<ChallengeProps>])[] = [
  ['ak-stage-access-denied', AccessDenied],
  ['ak-stage-flow-error', FlowError],
  ['ak-stage-session-end', SessionEnd],
  ['xak-flow-redirect', Redirect],
];

const registered = new Map<string, ComponentType<ChallengeProps>>(own);
for (const [path, { component, Challenge }] of Object.entries(brought)) {
  if (registered.has(component)) throw new Error(`${path}: a second challenge renders ${component}.`);
  registered.set(component, Challenge);
}

/** What renders the challenge of that wire name; undefined: the default form. */
export function findChallenge(component: string): ComponentType<ChallengeProps> | undefined {
  return registered.get(component);
}
