import { redirectReply } from '../../../../../core/flows/index.ts';
import type { RequestContext } from '../../../../../kernel/context.ts';
import type { Transaction } from '../../../../../kernel/db/types.ts';
import { ApiError } from '../../../../../kernel/errors/api-error.ts';
import type { Reply } from '../../../../../kernel/http/message.ts';
import { parseUuid } from '../../../../../kernel/schema/uuid.ts';
import { tellInvitation } from '../../events.ts';
import { findInvitation, lockInvitation, revoke } from '../../v1/store.ts';
import type { InvitationRow } from '../../v1/store.ts';
import type { Place } from './place.ts';

/** An invitation that the person made themselves, kept until the end of the transaction. @throws ApiError 404 */
export async function lockOwn(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  given: string,
): Promise<InvitationRow> {
  const id = parseUuid(given);
  if (id !== undefined) await lockInvitation(tx, id);
  const row = id === undefined ? undefined : await findInvitation(tx, id);
  if (!row || row.created_by?.['id'] !== ctx.actor?.id) throw new ApiError(404, { detail: 'Not found.' });
  return row;
}

/** Ends an invitation of the person's own for good. */
export async function revokeOwn({ signed: { ctx } }: Place, id: string, back: string): Promise<Reply> {
  await ctx.db.transaction(async (tx) => {
    const row = await lockOwn({ ctx, tx }, id);
    if (row.revoked !== null) return;
    await revoke(tx, row.id, ctx.actor?.id ?? null);
    await tellInvitation({ ctx, tx }, 'invitation_revoked', { id: row.id });
  });
  return redirectReply(back, 303);
}
