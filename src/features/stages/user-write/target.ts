import { Denial, createdUser, pendingUser, pendingUserIdentifier } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import type { Settings } from './settings.ts';

export type Target = { readonly kind: 'create' } | { readonly kind: 'update'; readonly userId: number };

const CREATE: Target = { kind: 'create' };

// Enrollment makes accounts; it changes none but the visitor's own and the one it has just made (T09).
function mayUpdate({ flow, plan, session }: StageRequest<Settings>, userId: number): boolean {
  if (flow.designation !== 'enrollment') return true;
  return userId === session.user?.id || userId === plan.get(createdUser);
}

/**
 * Whom the stage writes (contract part 2, 11.2). An account is created only where the mode says so and nobody is
 * pending, not even a person whom identification only pretends to know (A04).
 * @throws Denial when there is nobody to write
 */
export function targetOf(request: StageRequest<Settings>): Target {
  const { settings, plan, session } = request;
  if (settings.creationMode === 'always_create') return CREATE;
  const pretended = plan.get(pendingUserIdentifier) !== undefined;
  const userId = plan.get(pendingUser) ?? (pretended ? undefined : session.user?.id);
  if (userId !== undefined && mayUpdate(request, userId)) return { kind: 'update', userId };
  if (userId === undefined && !pretended && settings.creationMode === 'create_when_required') return CREATE;
  throw new Denial("No user found and can't create new user.");
}
