import { Problem, defineChange, invalidFields, t } from '../../../../../kernel/own-api/index.ts';
import { tellInvitation } from '../../events.ts';
import { codeHash, linkSecretHash, newCode, newSecret } from '../../secret.ts';
import { including, invitationWithSecrets } from '../fields.ts';
import { revoked } from '../problems.ts';
import { setSecrets } from '../store.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams, reload, represent, representWithSecrets } from '../subject.ts';
import { checkKept } from '../write.ts';

const rotation = t.object('InvitationRotation', {
  code: t.optional(
    t.choice(['keep', 'new', 'none'], { description: 'A new code: the old one works no more.' }),
    'keep',
  ),
  link: t.optional(
    t.choice(['keep', 'secret', 'plain'], {
      description: 'A link with a new secret: the old link works no more. Or one that works by the id alone.',
    }),
    'keep',
  ),
});

/** POST /invitations/{id}/rotate */
export const rotateInvitation = defineChange({
  operationId: 'rotateInvitation',
  method: 'POST',
  path: `${ONE}/rotate`,
  tag: TAG,
  summary: 'Make a new code, or a new secret link',
  description: 'What is made is shown in this answer and never again.',
  access: accessToOwn('change'),
  params: oneParams,
  subject: invitation,
  query: including,
  body: rotation,
  responses: { 200: invitationWithSecrets },
  problems: [revoked],
  async handle(ctx, { tx, object, query, body, request }) {
    const { id } = object;
    if (object.revoked !== null) throw new Problem(revoked);
    if (body.code === 'keep' && body.link === 'keep') {
      throw invalidFields([{ pointer: '', code: 'required', detail: 'Say code, link, or both.' }]);
    }
    await checkKept({ ctx, tx }, object);
    const code = body.code === 'new' ? newCode(ctx.random) : undefined;
    const secret = body.link === 'secret' ? newSecret(ctx.random) : undefined;
    await setSecrets(tx, id, {
      ...(body.code === 'keep' ? {} : { code: code === undefined ? null : codeHash(ctx, code) }),
      ...(body.link === 'keep' ? {} : { secret: secret === undefined ? null : linkSecretHash(ctx, secret) }),
    });
    await tellInvitation({ ctx, tx }, 'invitation_secrets_changed', {
      id,
      context: { of_code: body.code, of_link: body.link },
    });
    const row = await reload(tx, id);
    return {
      value: representWithSecrets({ ctx, request }, row, { code, secret, ...query }),
      represents: represent(ctx, row, request),
    };
  },
});
