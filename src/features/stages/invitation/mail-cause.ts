import type { MailCause } from '../../../core/outbox/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { nameInSentence } from './directions.ts';
import { tellInvitation } from './events.ts';
import { linkPath } from './link-path.ts';
import { blocksOfMessage, linesOfBlocks } from './mail-message.ts';
import { mailedSecret } from './proof.ts';
import { findMailable, whyUseless } from './store.ts';
import type { MailableInvitation } from './store.ts';

export const MAIL_CAUSE = 'invitation';

/** The path of the link that mails carry; of an invitation with a secret link a working one too. */
export function mailedPath(
  ctx: Pick<Context, 'vault'>,
  slug: string,
  { id, secret_hash: hash }: Pick<MailableInvitation, 'id' | 'secret_hash'>,
): string {
  return linkPath(slug, id, hash === null ? undefined : mailedSecret(ctx, hash));
}

function valuesOf(invitation: MailableInvitation): JsonObject {
  const { expires, message, message_format: format, inviter, on_behalf_of: principal } = invitation;
  const blocks = blocksOfMessage(message, format);
  return {
    expires,
    inviter: nameInSentence(inviter),
    on_behalf_of: nameInSentence(principal),
    message: linesOfBlocks(blocks),
    message_blocks: blocks.map(({ runs, ...block }) => ({ ...block, runs: runs.map((run) => ({ ...run })) })),
  };
}

/** Nothing is mailed of an invitation that has been used, withdrawn or has expired since (R09). */
export const invitationMail: MailCause = {
  name: MAIL_CAUSE,
  unwanted: ({ ctx, tx, object }) => whyUseless(tx, object ?? '', ctx.config.invitationsSurviveInactiveCreator),
  async fill({ ctx, tx, object, mark }) {
    const found = await findMailable(tx, object ?? '');
    if (!found) return 'The invitation was withdrawn.';
    const { slug } = found;
    if (mark !== null && found.mark !== '' && mark !== found.mark) return 'The link was replaced.';
    if (slug === null) return 'There is no flow that the link could lead to.';
    return { path: mailedPath(ctx, slug, found), values: valuesOf(found) };
  },
  async settled({ ctx, tx, object, message }, { state, to, answer }) {
    if (object === undefined) return;
    const action = state === 'sent' ? 'invitation_sent' : 'invitation_delivery_failed';
    const context = { message, to, ...(state === 'sent' ? {} : { reason: answer }) };
    await tellInvitation({ ctx, tx }, action, { id: object, context });
  },
};
