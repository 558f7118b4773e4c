import type { RequestContext } from '../../../../../kernel/context.ts';
import type { Transaction } from '../../../../../kernel/db/types.ts';
import { OWN_API, defineChange, etagOf, holders } from '../../../../../kernel/own-api/index.ts';
import { orInviters } from '../../inviters/access.ts';
import { tooManyOpen, tooManyToday } from '../../inviters/problems.ts';
import { draftInvitation, grantCreator, writeDraft } from '../draft.ts';
import type { Drafted } from '../draft.ts';
import { invitationWithSecrets, newInvitation } from '../fields.ts';
import type { NewInvitation } from '../fields.ts';
import { PATH, TAG, invitation, permissionTo, reload, represent, representWithSecrets } from '../subject.ts';
import { checkInput } from '../write.ts';

/** Makes an invitation of the caller. Throws 422. Out: its id, and what is shown once. */
export async function makeInvitation(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  input: NewInvitation,
): Promise<Drafted> {
  const draft = draftInvitation(ctx, input, await checkInput({ ctx, tx }, input));
  await writeDraft({ ctx, db: tx }, draft);
  await grantCreator({ ctx, tx }, draft.id);
  return draft;
}

/** POST /invitations */
export const createInvitation = defineChange({
  operationId: 'createInvitation',
  method: 'POST',
  path: PATH,
  tag: TAG,
  summary: 'Make an invitation',
  description:
    'Makes an invitation of the caller. The code, and a secret link, are shown in this answer and never again.',
  access: orInviters(holders(permissionTo('add'))),
  problems: [tooManyOpen, tooManyToday],
  body: newInvitation,
  responses: { 201: invitationWithSecrets },
  async handle(ctx, { tx, body, request }) {
    const { id, code, secret } = await makeInvitation({ ctx, tx }, body);
    const row = await reload(tx, id);
    return {
      value: representWithSecrets({ ctx, request }, row, { code, secret }),
      headers: {
        location: `${OWN_API}${PATH}/${id}`,
        etag: etagOf(invitation.type.present(represent(ctx, row, request))),
      },
    };
  },
});
