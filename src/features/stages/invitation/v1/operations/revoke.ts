import { Problem, defineChange } from '../../../../../kernel/own-api/index.ts';
import { tellInvitation } from '../../events.ts';
import { invitationType } from '../fields.ts';
import { revoked } from '../problems.ts';
import { revoke } from '../store.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams, reload, represent } from '../subject.ts';

/** POST /invitations/{id}/revoke */
export const revokeInvitation = defineChange({
  operationId: 'revokeInvitation',
  method: 'POST',
  path: `${ONE}/revoke`,
  tag: TAG,
  summary: 'Revoke an invitation',
  description: 'Ends it for good: its link works no more, /api/v3 does not know it any more. Its history stays here.',
  access: accessToOwn('delete'),
  params: oneParams,
  subject: invitation,
  responses: { 200: invitationType },
  problems: [revoked],
  async handle(ctx, { tx, object, request }) {
    if (object.revoked !== null) throw new Problem(revoked);
    await revoke(tx, object.id, ctx.actor?.id ?? null);
    await tellInvitation({ ctx, tx }, 'invitation_revoked', { id: object.id });
    const shown = represent(ctx, await reload(tx, object.id), request);
    return { value: shown, represents: shown };
  },
});
