import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/db/types.ts';
import type { Plan } from './plan.ts';
import { readPlan, writePlan } from './session-state.ts';
import * as store from './store.ts';

const PURPOSE = 'flow-token';

export type NewFlowToken = {
  /** The id of the token's row, for whoever has to name it in the plan; a random one unless given. */
  readonly uuid?: string;
  /** One token an identifier: a new one makes the older link worthless (T19). */
  readonly identifier: string;
  readonly plan: Plan;
  readonly userId?: number;
  readonly revokeOnExecution: boolean;
  /** Lifetime in seconds; undefined: until it is deleted. */
  readonly seconds?: number;
};

/** Stores a plan behind a secret key and answers the key, for `?flow_token=<key>`. Only its fingerprint is kept. */
export async function createFlowToken(ctx: Context, db: Queryable, token: NewFlowToken): Promise<string> {
  const key = ctx.random.secret(60);
  await store.putFlowToken(db, {
    uuid: token.uuid ?? ctx.random.uuid(),
    identifier: token.identifier,
    keyHash: flowTokenHash(ctx, key),
    flow: token.plan.flow,
    userId: token.userId,
    plan: ctx.vault.seal(writePlan(token.plan), PURPOSE),
    revokeOnExecution: token.revokeOnExecution,
    seconds: token.seconds,
  });
  return key;
}

/** How the database knows a token's key. */
export const flowTokenHash = ({ vault }: Pick<Context, 'vault'>, key: string): string =>
  vault.fingerprint(key, PURPOSE);

/**
 * The plan behind a flow token of this flow, or undefined for an unknown, expired or foreign one. A token marked
 * revoke-on-execution is deleted; of concurrent callers one gets its plan.
 */
export async function restoreFlowToken(ctx: Context, flow: string, key: string): Promise<Plan | undefined> {
  const row = await store.findFlowToken(ctx.db, flowTokenHash(ctx, key));
  if (!row || row.flow_uuid !== flow) return undefined;
  const plain = ctx.vault.open(row.plan, PURPOSE);
  if (!plain) return undefined;
  if (row.revoke_on_execution && !(await store.takeFlowToken(ctx.db, row.token_uuid))) return undefined;
  return readPlan(JSON.parse(plain.toString('utf8')));
}
