import type { RequestContext } from '../../../../../kernel/context.ts';
import type { Transaction } from '../../../../../kernel/db/types.ts';
import { OWN_API, defineSingleChange, etagOf, holders } from '../../../../../kernel/own-api/index.ts';
import { orInviters } from '../../inviters/access.ts';
import { tooManyOpen, tooManyToday } from '../../inviters/problems.ts';
import { Invitation } from '../../resources/invitation.ts';
import { draftInvitation, grantCreator, writeShown } from '../draft.ts';
import type { Drafted } from '../draft.ts';
import { including, invitationWithSecrets, newInvitation } from '../fields.ts';
import type { NewInvitation } from '../fields.ts';
import type { InvitationRow } from '../store.ts';
import { PATH, TAG, invitation, permissionTo, represent, representWithSecrets } from '../subject.ts';
import { checkInput, judgeInput } from '../write.ts';

/** An invitation with what is shown once. */
type Made = Drafted & { readonly row: InvitationRow };

/** Makes an invitation of the caller. Throws 422. */
export async function makeInvitation(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  input: NewInvitation,
): Promise<Made> {
  const draft = draftInvitation(ctx, input, await checkInput({ ctx, tx }, input));
  const row = await writeShown({ ctx, db: tx }, draft);
  await grantCreator({ ctx, tx }, draft.id);
  return { ...draft, row };
}

/** The same; without a transaction of somebody who invites without limits, and gets no rights on it besides. */
async function makeAlone(ctx: RequestContext, input: NewInvitation): Promise<Made> {
  const { actor, db } = ctx;
  if (actor?.can(permissionTo('add')) !== true || actor.initial.has(Invitation.model)) {
    return db.transaction((tx) => makeInvitation({ ctx, tx }, input));
  }
  const draft = draftInvitation(ctx, input, await judgeInput({ ctx, db }, input));
  return { ...draft, row: await writeShown({ ctx, db }, draft) };
}

/** POST /invitations */
export const createInvitation = defineSingleChange({
  operationId: 'createInvitation',
  method: 'POST',
  path: PATH,
  tag: TAG,
  summary: 'Make an invitation',
  description:
    'Makes an invitation of the caller. The code, and a secret link, are shown in this answer and never again.',
  access: orInviters(holders(permissionTo('add'))),
  problems: [tooManyOpen, tooManyToday],
  query: including,
  body: newInvitation,
  responses: { 201: invitationWithSecrets },
  tells: ['ETag', 'Location'],
  async handle(ctx, { db, query, body, request }) {
    const made = 'isTransaction' in db ? await makeInvitation({ ctx, tx: db }, body) : await makeAlone(ctx, body);
    const { id, row, code, secret } = made;
    return {
      value: representWithSecrets({ ctx, request }, row, { code, secret, ...query }),
      headers: {
        location: `${OWN_API}${PATH}/${id}`,
        etag: etagOf(invitation.type.present(represent(ctx, row, request))),
      },
    };
  },
});
