import { noMatch } from '../../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../../kernel/http/endpoint.ts';
import { modelOf } from '../../../../kernel/resource/model.ts';
import { describe, tellChange } from '../../../../kernel/resource/tell.ts';
import { Invitation } from '../resources/invitation.ts';
import { revokeOpen } from '../store.ts';

/** DELETE as v3 has it. The row stays, revoked, as the history that the own API shows. */
export const destroyInvitation = defineEndpoint({
  on: Invitation,
  method: 'DELETE',
  path: '',
  operationId: 'stages_invitation_invitations_destroy',
  description: 'Invitation Viewset',
  permission: 'authentik_stages_invitation.delete_invitation',
  responses: { 204: null },
  async handle(ctx, { object }) {
    const { invite_uuid: id } = object;
    if (typeof id !== 'string') throw new TypeError('A row of invitation has no invite_uuid.');
    const model = modelOf(Invitation, ctx.registry);
    await ctx.db.transaction(async (tx) => {
      if (!(await revokeOpen(tx, id, ctx.actor?.id ?? null))) throw noMatch(Invitation.name);
      const before = await describe(tx, model, id);
      await tellChange(tx, { ctx, model }, { action: 'model_deleted', before });
    });
  },
});
