import { Link, baseUrl } from '../../../../core/flows/index.ts';
import { User } from '../../../../core/users/index.ts';
import { defineEndpoint } from '../../../../kernel/http/endpoint.ts';
import { defineShape, f } from '../../../../kernel/resource/fields.ts';
import { parseTimedelta } from '../../../../kernel/schema/timedelta.ts';
import { issueRecovery, readDuration } from '../recovery/issue.ts';
import { planRecovery, recoveredUser } from '../recovery/plan.ts';
import { findConnection } from '../store.ts';

const UserRecoveryLink = defineShape(
  'UserRecoveryLink',
  { token_duration: f.string({ required: false }) },
  { description: 'Payload to create a recovery link' },
);

/** Makes a link by which somebody gets back into their account, for the caller to hand over. */
export const recovery = defineEndpoint({
  on: User,
  method: 'POST',
  path: 'recovery/',
  operationId: 'core_users_recovery_create',
  description: 'Create a temporary link that a user can use to recover their account',
  permission: 'authentik_core.reset_user_password',
  body: UserRecoveryLink,
  responses: { 200: Link },
  async handle(ctx, { object, body: { token_duration: duration }, request }) {
    const whose = await recoveredUser(ctx, object);
    const asked = readDuration(duration);
    const base = baseUrl(ctx, request);
    const planned = await planRecovery(ctx, request, whose);
    const own = (await findConnection(ctx.db, planned.stage.pk))?.tokenExpiry ?? '';
    const seconds = asked ?? parseTimedelta(own) ?? 0;
    const token = ctx.random.uuid();
    const link = await ctx.db.transaction((tx) =>
      issueRecovery(ctx, tx, { recovery: planned, base, token, seconds, mailed: false }),
    );
    return { link };
  },
});
