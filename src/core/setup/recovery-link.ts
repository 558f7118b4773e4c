import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/db/types.ts';
import {
  Denial,
  PlanDraft,
  createFlowToken,
  findFlow,
  pendingUser,
  promptData,
  takeFlowToken,
} from '../flows/index.ts';
import type { CommitStep, Plan, UsedLink } from '../flows/index.ts';
import { findPasswordHash, findUser, lockPasswordHash, passwordMarkOf } from '../users/index.ts';
import { RECOVERY_FLOW } from './recovery-flow.ts';

const STEP = 'recovery_link';
/** T19: how long a link lives. */
export const LINK_MINUTES = 30;
// The page has it in the visitor's language.
const OVER = 'This link has been used, has expired, or a newer one took its place.';

async function markOf(ctx: Context, db: Queryable, userId: number): Promise<string> {
  return passwordMarkOf(ctx, (await findPasswordHash(db, userId)) ?? '');
}

function planOf(flow: string, commit: { token: string; user: number; password: string }): Plan {
  const draft = new PlanDraft({
    flow,
    slug: RECOVERY_FLOW,
    bindings: [],
    context: {},
    commits: [],
    link: {},
    restarts: 0,
  });
  // The link is pinned to its user: nothing in the flow picks another (A05).
  draft.set(pendingUser, commit.user);
  draft.set(promptData, {});
  draft.leaveCommit({ name: STEP, data: commit });
  return draft.plan;
}

/**
 * A link by which its bearer, once and within {@link LINK_MINUTES}, gives the user a new password and is signed in. A
 * newer one makes it worthless, and so does another password. Only its fingerprint is stored.
 * @returns the path of the page with its query; undefined when the flow is gone
 */
export async function makeRecoveryLink(ctx: Context, tx: Transaction, userId: number): Promise<string | undefined> {
  const flow = await findFlow(tx, RECOVERY_FLOW);
  if (!flow) return undefined;
  const token = ctx.random.uuid();
  const password = await markOf(ctx, tx, userId);
  const key = await createFlowToken(ctx, tx, {
    uuid: token,
    identifier: `${RECOVERY_FLOW}:${userId}`,
    plan: planOf(flow.flow_uuid, { token, user: userId, password }),
    userId,
    // Opening it must not use it up: scanners open links (T04).
    revokeOnExecution: false,
    seconds: LINK_MINUTES * 60,
  });
  return `/if/flow/${RECOVERY_FLOW}/?flow_token=${key}`;
}

/** Checks, in the transaction that writes the password, that the link is still good, and uses it up. */
export const useRecoveryLink: CommitStep = {
  name: STEP,
  onEveryWrite: true,
  async commit({ ctx, tx, data: { token, user, password } }) {
    const over = new Denial(OVER, { final: true });
    if (typeof token !== 'string' || typeof user !== 'number') throw over;
    if (!(await takeFlowToken(tx, token))) throw over;
    const hash = await lockPasswordHash(tx, user);
    const person = await findUser(tx, user);
    if (hash === undefined || person?.isActive !== true || passwordMarkOf(ctx, hash) !== password) throw over;
  },
};

/** Whoever opens a link that is over is told so, and whoever guesses one the same. */
export const recoveryLinkOver: UsedLink = {
  name: STEP,
  find: async (_ctx, { slug }) => (slug === RECOVERY_FLOW ? OVER : undefined),
};
