import { startFlowToken } from '../../../core/flows/index.ts';
import type { Leaving, MailCause } from '../../../core/outbox/index.ts';
import { parseTimedelta } from '../../../kernel/schema/timedelta.ts';
import { routeOf } from './connection.ts';
import { findConnection } from './store.ts';

export const MAIL_CAUSE = 'email_stage';

/** What a mail of a stage is about: the stage, the token in its link and, unless it is the stage's, the link's time in seconds. */
export const objectOf = (stage: string, token: string, seconds?: number): string =>
  [stage, token, ...(seconds === undefined ? [] : [seconds])].join(':');

async function connectionOf({ tx, object }: Leaving) {
  const [stage = '', token = '', seconds] = (object ?? '').split(':');
  return { token, own: seconds === undefined ? undefined : Number(seconds), found: await findConnection(tx, stage) };
}

/** A mail whose link was replaced by a newer one, or used, does not leave; when it leaves, the link's time begins. */
export const emailStageMail: MailCause = {
  name: MAIL_CAUSE,
  async unwanted(leaving) {
    const { token, own, found } = await connectionOf(leaving);
    if (!found) return 'The stage is gone.';
    const seconds = own ?? parseTimedelta(found.tokenExpiry) ?? 0;
    return (await startFlowToken(leaving.tx, token, seconds))
      ? undefined
      : 'A newer mail took its place, or the link was used.';
  },
  async route(leaving) {
    const { found } = await connectionOf(leaving);
    return found && routeOf(leaving.ctx, found);
  },
};
