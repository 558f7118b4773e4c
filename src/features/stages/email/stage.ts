import {
  Denial,
  authMethod,
  blurTime,
  challenge,
  challengeShape,
  createdUser,
  defineStage,
  pendingUser,
  pendingUserIdentifier,
  replyShape,
  ownOrigin,
} from '../../../core/flows/index.ts';
import type { Outcome, StageRequest } from '../../../core/flows/index.ts';
import { failuresOfAddress, insist, take } from '../../../core/limits/index.ts';
import { askToConfirm, confirm, openedLink } from './confirm.ts';
import { mailedStages } from './link.ts';
import { sendLink } from './send.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';

type Request = StageRequest<Settings>;

/**
 * Counts that a network has somebody mailed whom it only names: before anything is known of them, so that it tells nothing
 * (A06). Whom this plan has made, and who is signed in or gave a password, is mailed at their own wish.
 */
async function countAsking({ ctx, plan, session }: Request, userId: number | undefined): Promise<void> {
  const own = [plan.get(createdUser), session.user?.id];
  if (userId !== undefined && (own.includes(userId) || plan.get(authMethod) !== undefined)) return;
  insist(await take(ctx, failuresOfAddress(ctx, 'email.link')));
}

/** Writes the mail. Who was identified by what they typed is not told whether somebody is behind it (A06). */
async function send(request: Request): Promise<void> {
  const { ctx, plan, settings } = request;
  const userId = plan.get(pendingUser);
  const isTyped = plan.get(pendingUserIdentifier) !== undefined;
  if (userId === undefined && !isTyped) throw new Denial('No pending user.');
  if (settings.useGlobal && !ctx.mail.configured)
    throw new Denial('No mail can be sent: no mail server is configured.');
  const base = ownOrigin(ctx.config);
  if (base === undefined) throw new Denial('No mail can be sent: VESTIBULE_PUBLIC_URL is not set.');
  await countAsking(request, userId);
  // The same time for an account that exists as for one that does not.
  const [sent] = await Promise.all([sendLink(request, userId, base), blurTime(ctx)]);
  if (!sent && !isTyped) throw new Denial('The account has no email address to send to.');
}

const SENT = [{ string: 'email-sent', code: 'hint-email-sent' }];

/** GET: sends once a plan, and shows that a mail was sent; a plan that a mailed link restored asks to confirm. */
async function show(request: Request): Promise<Outcome> {
  const { plan, stage } = request;
  const link = openedLink(request);
  if (link) return askToConfirm(request, link);
  const sent = plan.get(mailedStages) ?? [];
  if (!sent.includes(stage.pk)) {
    await send(request);
    plan.set(mailedStages, [...sent, stage.pk]);
  }
  return challenge();
}

/** Mails the plan's user a link that restores the plan, and waits for somebody who opens it (contract part 2, 11.4). */
export const emailStage = defineStage<Settings>({
  type: 'email',
  table: 'email_stage',
  challengeComponent: 'ak-stage-email',
  challengeShape: challengeShape('EmailChallenge', 'ak-stage-email', {}),
  replyShape: replyShape('EmailChallengeResponse', 'ak-stage-email', {}),
  settings: readSettings,
  challenge: show,
  async submit(request, reply) {
    const link = openedLink(request);
    if (link) return confirm(request, link, reply);
    // Sent again; never passed by that (A11). No invalid answer, which would restart flows that restart on one.
    await send(request);
    return challenge({ response_errors: { non_field_errors: SENT } });
  },
});
