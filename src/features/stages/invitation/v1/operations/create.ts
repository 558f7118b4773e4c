import { objectGrants } from '../../../../../kernel/authz/object-grants.ts';
import type { RequestContext } from '../../../../../kernel/context.ts';
import type { Transaction } from '../../../../../kernel/db/types.ts';
import { OWN_API, defineChange, etagOf, holders } from '../../../../../kernel/own-api/index.ts';
import { orInviters } from '../../inviters/access.ts';
import { tooManyOpen, tooManyToday } from '../../inviters/problems.ts';
import { Invitation } from '../../resources/invitation.ts';
import { codeHash, linkSecretHash, newCode, newSecret } from '../../secret.ts';
import { invitationWithSecrets, newInvitation } from '../fields.ts';
import type { NewInvitation } from '../fields.ts';
import { insertInvitation, replaceGifts } from '../store.ts';
import { PATH, TAG, invitation, permissionTo, reload, represent, representWithSecrets } from '../subject.ts';
import { tellWrite } from '../tell.ts';
import { checkedColumns } from '../write.ts';

/** What an invitation's owner gets to see once. */
export type Made = { readonly id: string; readonly code: string | undefined; readonly secret: string | undefined };

/** What gives groups or roles is not for everybody who may look at it (T14), unless somebody says so. */
const hasSecret = ({ config }: RequestContext, { secret_link: own, groups, roles }: NewInvitation): boolean =>
  own ?? config.secretLinks ?? groups.length + roles.length > 0;

/** Makes an invitation of the caller. Throws 422. Out: its id, and what is shown once. */
export async function makeInvitation(
  { ctx, tx }: { readonly ctx: RequestContext; readonly tx: Transaction },
  input: NewInvitation,
): Promise<Made> {
  const { actor, registry } = ctx;
  const columns = await checkedColumns({ ctx, tx }, input);
  const code = input.with_code ? newCode(ctx.random) : undefined;
  const secret = hasSecret(ctx, input) ? newSecret(ctx.random) : undefined;
  const id = await insertInvitation(tx, {
    ...columns,
    created_by: { value: actor?.id ?? null, type: 'integer' },
    code_hash: { value: code === undefined ? null : codeHash(ctx, code), type: 'bytea' },
    secret_hash: { value: secret === undefined ? null : linkSecretHash(ctx, secret), type: 'bytea' },
  });
  if (input.groups.length + input.roles.length > 0) await replaceGifts(tx, id, input);
  if (actor?.initial.has(Invitation.model)) {
    await registry.find(objectGrants, 'object-grants')?.created(tx, actor, { model: Invitation.model, key: id });
  }
  await tellWrite({ ctx, tx }, { after: await reload(tx, id) });
  return { id, code, secret };
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
