import { accountHeld, activeWhenProven } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import type { Settings } from './settings.ts';

type Request = Pick<StageRequest<Settings>, 'plan' | 'settings'>;

/** Whether the account waits for a decision since this very plan made it. */
export const isHeld = ({ plan }: Pick<Request, 'plan'>): boolean => plan.get(accountHeld) === true;

/** Whether proving the address activates the account: never one that waits for somebody's decision. */
export function activates(request: Request): boolean {
  return !isHeld(request) && (request.settings.activates || request.plan.get(activeWhenProven) === true);
}

/** Whether the account may be inactive while its address is proved. */
export const mayBeInactive = (request: Request): boolean => isHeld(request) || activates(request);
