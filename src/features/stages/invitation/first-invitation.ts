import { findFlow } from '../../../core/flows/index.ts';
import type { FirstStartPart } from '../../../core/setup/index.ts';
import { insert } from '../../../kernel/resource/store.ts';
import { linkPath } from './link-path.ts';
import { Invitation } from './resources/invitation.ts';
import { linkSecretHash, newSecret } from './secret.ts';

const ENROLLMENT = 'invitation-enrollment-flow';
/** The name of the invitation whose link the first start prints. */
export const FIRST_INVITATION = 'first-user';

/** An invitation ready to be tried, for one person; with a secret link where all are to have one (T14). */
export const firstInvitation: FirstStartPart = {
  name: 'invitation.first',
  async run(ctx, tx, { userId, baseUrl }) {
    const flow = await findFlow(tx, ENROLLMENT);
    if (!flow) return [];
    const secret = ctx.config.secretLinks === true ? newSecret(ctx.random) : undefined;
    const columns = {
      created_by: userId,
      ...(secret === undefined ? {} : { secret_hash: linkSecretHash(ctx, secret) }),
    };
    const attributes = { name: FIRST_INVITATION, single_use: true, flow: flow.flow_uuid };
    const key = await insert(tx, { resource: Invitation, registry: ctx.registry, columns }, attributes);
    const text = `${baseUrl}${linkPath(ENROLLMENT, String(key), secret)}`;
    return [{ label: 'Invite the first user with this link (for one person):', text }];
  },
};
