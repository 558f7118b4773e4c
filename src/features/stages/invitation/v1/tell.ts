import type { RequestContext } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { modelOf } from '../../../../kernel/resource/model.ts';
import { describe, tellChange } from '../../../../kernel/resource/tell.ts';
import { Invitation } from '../resources/invitation.ts';
import { writableOf } from './columns.ts';
import type { InvitationRow } from './store.ts';

/** Writes that an invitation was changed: the event that v3 writes too, with all fields in it. */
export async function tellWrite(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  { before, after }: { readonly before: InvitationRow; readonly after: InvitationRow },
): Promise<void> {
  const model = modelOf(Invitation, ctx.registry);
  const described = await describe(tx, model, after.id);
  if (!described) return;
  const of = (row: InvitationRow) => ({ model: described.model, values: writableOf(row) });
  await tellChange(tx, { ctx, model }, { action: 'model_updated', before: of(before), after: of(after) });
}
