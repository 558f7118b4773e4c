import type { RequestContext } from '../../../../../kernel/context.ts';
import { Problem, defineChange, invalidFields } from '../../../../../kernel/own-api/index.ts';
import { writableOf } from '../columns.ts';
import { changedInvitation, invitationType } from '../fields.ts';
import type { ChangedInvitation } from '../fields.ts';
import { tooManyOpen } from '../../inviters/problems.ts';
import { revoked } from '../problems.ts';
import type { InvitationRow } from '../store.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams, reload, represent } from '../subject.ts';
import { tellWrite } from '../tell.ts';
import { changeInvitation, checkInput } from '../write.ts';

const STAYS_PLAIN =
  'Who may view it could use it and get what is added. Make its link a secret one first (rotate), or say that it stays plain: false.';
const AS_READ = 'This is not what its link is; rotate changes it.';

/**
 * Checks that nobody adds groups or roles to a plain link without knowing it: a new invitation that gives any has a secret
 * one. The link itself is left alone, since it may have been handed out (docs/decisions/0191-gifts-on-plain-links.md).
 * @throws Problem 422
 */
function checkLink({ config }: RequestContext, before: InvitationRow, input: ChangedInvitation): void {
  const { secret_link: said } = input;
  if (said !== undefined && said !== before.secret_link)
    throw invalidFields([{ pointer: '/secret_link', code: 'not_so', detail: AS_READ }]);
  const adds =
    input.groups.some((id) => !before.groups.includes(id)) || input.roles.some((id) => !before.roles.includes(id));
  if (!adds || before.secret_link || said !== undefined || config.secretLinks === false) return;
  throw invalidFields([{ pointer: '/secret_link', code: 'required', detail: STAYS_PLAIN }]);
}

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
  body: changedInvitation,
  merges: (_ctx, row: InvitationRow) => writableOf(row),
  responses: { 200: invitationType },
  problems: [revoked, tooManyOpen],
  async handle(ctx, { tx, object: before, body: input, request }) {
    if (before.revoked !== null) throw new Problem(revoked);
    const { columns } = await checkInput({ ctx, tx }, input, before);
    checkLink(ctx, before, input);
    await changeInvitation({ ctx, tx }, before, { input, columns });
    const after = await reload(tx, before.id);
    await tellWrite({ ctx, tx }, { before, after });
    const shown = represent(ctx, after, request);
    return { value: shown, represents: shown };
  },
});
