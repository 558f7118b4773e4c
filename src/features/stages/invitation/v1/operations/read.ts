import { defineRead } from '../../../../../kernel/own-api/index.ts';
import { invitationType } from '../fields.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams, represent } from '../subject.ts';

/** GET /invitations/{id}: whatever it has come to. */
export const readInvitation = defineRead({
  operationId: 'readInvitation',
  path: ONE,
  tag: TAG,
  summary: 'Read an invitation',
  access: accessToOwn(),
  params: oneParams,
  subject: invitation,
  responses: { 200: invitationType },
  handle(ctx, { object, request }) {
    const shown = represent(ctx, object, request);
    return { value: shown, represents: shown };
  },
});
