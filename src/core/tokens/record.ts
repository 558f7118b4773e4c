import type { RequestContext } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { permissionDenied } from '../../kernel/errors/index.ts';
import { hex } from '../../kernel/schema/uuid.ts';
import type { Row } from '../../kernel/resource/resource.ts';
import { userPolicy } from '../users/index.ts';
import { eventUser } from '../../kernel/events/event-user.ts';
import { userIdOf, uuidOf } from './store.ts';

/** Refuses who may not hold the key of the token's owner: it is worth as much as the account. Throws ApiError 403. */
export async function checkMayHold(ctx: RequestContext, token: Row): Promise<void> {
  if (!(await userPolicy.mayControl(ctx.db, ctx.actor, userIdOf(token)))) throw permissionDenied();
}

/** Writes that somebody saw or set a token's key; never the key. */
export async function recordKeyEvent(
  ctx: RequestContext,
  tx: Transaction,
  event: { readonly action: 'secret_view' | 'secret_rotate'; readonly token: Row },
): Promise<void> {
  const { actor, clientIp } = ctx;
  const { action, token } = event;
  await ctx.events.record(tx, {
    action,
    app: 'vestibule.core.tokens',
    // Under a name that the log does not take for a secret itself.
    context: {
      model: { app: 'authentik_core', model_name: 'token', pk: hex(uuidOf(token)), name: token['identifier'] },
    },
    user: actor && eventUser(actor),
    clientIp,
  });
}
