import { Problem, defineChange } from '../../../../../kernel/own-api/index.ts';
import { writableOf } from '../columns.ts';
import { invitationInput, invitationType } from '../fields.ts';
import { tooManyOpen } from '../../inviters/problems.ts';
import { revoked } from '../problems.ts';
import type { InvitationRow } from '../store.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams, reload, represent } from '../subject.ts';
import { tellWrite } from '../tell.ts';
import { changeInvitation, checkInput } from '../write.ts';

/** PATCH /invitations/{id} */
export const patchInvitation = defineChange({
  operationId: 'changeInvitation',
  method: 'PATCH',
  path: ONE,
  tag: TAG,
  summary: 'Change an invitation',
  description: 'Takes a JSON merge patch. A later expiry, or a higher limit, opens one again that has ended by it.',
  access: accessToOwn('change'),
  params: oneParams,
  subject: invitation,
  needsIfMatch: true,
  body: invitationInput,
  merges: (_ctx, row: InvitationRow) => writableOf(row),
  responses: { 200: invitationType },
  problems: [revoked, tooManyOpen],
  async handle(ctx, { tx, object: before, body: input, request }) {
    if (before.revoked !== null) throw new Problem(revoked);
    const { columns } = await checkInput({ ctx, tx }, input, before);
    await changeInvitation({ ctx, tx }, before, { input, columns });
    const after = await reload(tx, before.id);
    await tellWrite({ ctx, tx }, { before, after });
    const shown = represent(ctx, after, request);
    return { value: shown, represents: shown };
  },
});
