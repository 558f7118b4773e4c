import { isRestored, pendingUser } from '../../../core/flows/index.ts';
import type { StageRequest } from '../../../core/flows/index.ts';
import type { Settings } from './settings.ts';
import { findMatches } from './store.ts';

// Longer than anything that could match; also keeps the text out of the database.
const MAX_IDENTIFIER = 1024;

/**
 * The one user that the typed text stands for. A username is unique and goes first, and an address has one owner. Of UPNs
 * exactly one may match, and no address of somebody else: of two people none can be told (fails closed).
 */
async function findByText(request: StageRequest<Settings>, text: string): Promise<number | undefined> {
  const { ctx, settings } = request;
  if (text.length > MAX_IDENTIFIER || text.includes('\0')) return undefined;
  const typed = { text, anyCase: settings.caseInsensitive };
  const byName: number[] = [];
  const others = new Set<number>();
  for (const field of settings.userFields) {
    const ids = await findMatches(ctx.db, field, typed);
    if (field === 'username') byName.push(...ids);
    else for (const id of ids) others.add(id);
  }
  const found = byName.length > 0 ? byName : [...others];
  return found.length === 1 ? found[0] : undefined;
}

/** The user whom the plan is pinned to: one from a mailed link stays with whom the link was made for (A05). */
export function pinnedUser({ plan }: StageRequest<Settings>): number | undefined {
  return plan.get(isRestored) === true ? plan.get(pendingUser) : undefined;
}

/** Whom the visitor means; undefined when nobody, not one person alone, or another one than the plan is pinned to. */
export async function findIdentified(request: StageRequest<Settings>, text: string): Promise<number | undefined> {
  const found = await findByText(request, text);
  const pinned = pinnedUser(request);
  return pinned === undefined || pinned === found ? found : undefined;
}
