import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import type { Announcement, StartStep } from '../../kernel/lifecycle.ts';
import { PlanDraft, createFlowToken, findFlow, pendingUser, promptData } from '../flows/index.ts';
import type { Plan } from '../flows/index.ts';
import { claimSetting } from '../settings/index.ts';
import { createApiToken } from '../tokens/index.ts';
import { createAdministrator } from './administrator.ts';
import { FLOW, SETUP } from './complete.ts';
import { firstStartPart } from './first-start-part.ts';

function setupPlan(flow: string, userId: number): Plan {
  const draft = new PlanDraft({
    flow,
    slug: FLOW,
    bindings: [],
    context: {},
    commits: [],
    link: {},
    restarts: 0,
  });
  draft.set(pendingUser, userId);
  draft.set(promptData, {});
  draft.leaveCommit({ name: SETUP, data: {} });
  return draft.plan;
}

/** The one-time link by which somebody becomes the administrator; only its fingerprint is stored. */
async function makeSetupLink(ctx: Context, tx: Transaction, to: { userId: number; baseUrl: string }) {
  const flow = await findFlow(tx, FLOW);
  if (!flow) return [];
  const key = await createFlowToken(ctx, tx, {
    identifier: FLOW,
    plan: setupPlan(flow.flow_uuid, to.userId),
    userId: to.userId,
    // Opening the link is not using it: a mail scanner or a preview must not burn it. The set-up itself does.
    revokeOnExecution: false,
  });
  const text = `${to.baseUrl}/if/flow/${FLOW}/?flow_token=${key}`;
  return [{ label: 'Become the administrator (this link works once):', text }];
}

/** What a database sees once: the administrator, their access, and what features begin with. */
async function begin(ctx: Context, tx: Transaction, baseUrl: string): Promise<readonly Announcement[]> {
  const userId = await createAdministrator(ctx, tx);
  const { bootstrapPassword, bootstrapToken } = ctx.config;
  if (bootstrapToken) {
    const token = { identifier: 'authentik-bootstrap-token', userId, key: bootstrapToken };
    await createApiToken(ctx, tx, token);
  }
  const told: Announcement[] = [];
  if (bootstrapPassword || bootstrapToken) await claimSetting(tx, SETUP, true);
  else told.push(...(await makeSetupLink(ctx, tx, { userId, baseUrl })));
  for (const part of ctx.registry.all(firstStartPart)) told.push(...(await part.run(ctx, tx, { userId, baseUrl })));
  return told;
}

/** Runs on the first start of a database; of several processes at once, one does it. A later start prints nothing. */
export const firstStart: StartStep = {
  name: 'first-start',
  run: (ctx, { baseUrl }) =>
    ctx.db.transaction(async (tx) => {
      if (!(await claimSetting(tx, 'first_start', true))) return [];
      return begin(ctx, tx, baseUrl);
    }),
};
