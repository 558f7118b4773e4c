import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import type { Announcement, StartStep } from '../../kernel/lifecycle.ts';
import { applyEntries } from '../blueprints/index.ts';
import { PlanDraft, createFlowToken, findFlow, pendingUser, promptData } from '../flows/index.ts';
import type { Plan } from '../flows/index.ts';
import { claimSetting } from '../settings/index.ts';
import { createApiToken } from '../tokens/index.ts';
import { createAdministrator } from './administrator.ts';
import { FLOW, SETUP } from './complete.ts';

const ENROLLMENT = 'invitation-enrollment-flow';
/** The name of the invitation whose link the first start prints. */
export const FIRST_INVITATION = 'first-user';

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

/** An invitation ready to be tried, for one person. */
async function makeInvitation(ctx: Context, tx: Transaction, by: { userId: number; baseUrl: string }) {
  const flow = await findFlow(tx, ENROLLMENT);
  if (!flow) return [];
  const entry = {
    model: 'authentik_stages_invitation.invitation',
    id: 'invitation',
    attrs: { name: FIRST_INVITATION, single_use: true, flow: flow.flow_uuid },
  };
  const keys = await applyEntries(tx, ctx.registry, {
    entries: [entry],
    columns: { invitation: { created_by: by.userId } },
  });
  const link = `${by.baseUrl}/if/flow/${ENROLLMENT}/?itoken=${keys.get('invitation')}`;
  return [{ label: 'Invite the first user with this link (for one person):', text: link }];
}

/** What a database sees once: the administrator, their access, and a first invitation. */
async function begin(ctx: Context, tx: Transaction, baseUrl: string): Promise<readonly Announcement[]> {
  const userId = await createAdministrator(ctx, tx);
  const { bootstrapPassword, bootstrapToken } = ctx.config;
  if (bootstrapToken) {
    const token = { identifier: 'authentik-bootstrap-token', userId, key: bootstrapToken };
    await createApiToken(ctx, tx, token);
  }
  const invited = await makeInvitation(ctx, tx, { userId, baseUrl });
  if (!bootstrapPassword && !bootstrapToken) {
    return [...(await makeSetupLink(ctx, tx, { userId, baseUrl })), ...invited];
  }
  await claimSetting(tx, SETUP, true);
  return invited;
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
