import {
  Denial,
  authMethod,
  blurTime,
  challenge,
  defineStage,
  failedPasswords,
  fieldError,
  invalid,
  pass,
  passwordMark,
  pendingUser,
  pendingUserIdentifier,
} from '../../../core/flows/index.ts';
import type { Outcome, StageRequest } from '../../../core/flows/index.ts';
import { isKnownDevice } from '../../../core/sessions/index.ts';
import { attemptPassword } from '../../../core/users/index.ts';
import { findEmbeddedPassword } from './embedded-password.ts';
import type { EmbeddedPassword } from './embedded-password.ts';
import { recordLoginFailed } from './events.ts';
import { findIdentified, pinnedUser } from './find-user.ts';
import { identificationForm } from './form.ts';
import { readReply } from './reply.ts';
import type { Reply } from './reply.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { IdentificationChallenge, IdentificationReply } from './shapes.ts';

type Request = StageRequest<Settings>;

async function refuse(request: Request, embedded: EmbeddedPassword | undefined): Promise<Outcome> {
  const { plan } = request;
  await recordLoginFailed(request);
  if (embedded) {
    const failures = (plan.get(failedPasswords) ?? 0) + 1;
    if (failures > embedded.failedAttemptsBeforeCancel) throw new Denial('Too many wrong passwords.');
    plan.set(failedPasswords, failures);
  }
  const errors = { non_field_errors: fieldError('Failed to authenticate.', 'invalid') };
  return invalid(await identificationForm(request, embedded), errors);
}

/** Takes the user into the plan; what the next pages call them depends on the settings. */
function identify({ plan, settings }: Request, userId: number, text: string): void {
  plan.set(pendingUser, userId);
  // What proved another says nothing of this one.
  plan.delete(authMethod);
  plan.delete(passwordMark);
  // With pretence the pages must not name somebody known otherwise than somebody unknown (A06).
  if (settings.showMatchedUser && !settings.pretendUserExists) plan.delete(pendingUserIdentifier);
  else plan.set(pendingUserIdentifier, text);
}

async function withPassword(request: Request, reply: Reply, embedded: EmbeddedPassword): Promise<Outcome> {
  const { ctx, plan, session } = request;
  const userId = await findIdentified(request, reply.text);
  const verdict = await attemptPassword(ctx, {
    userId,
    name: reply.text,
    password: reply.password,
    inbuilt: embedded.inbuilt,
    knownDevice: userId !== undefined && isKnownDevice(ctx, session.device, userId),
  });
  if (!verdict.ok && verdict.why !== undefined) throw new Denial(verdict.why, { final: true });
  if (!verdict.ok || userId === undefined) {
    // The same for a wrong password as for an unknown name.
    await blurTime(request.ctx);
    return refuse(request, embedded);
  }
  identify(request, userId, reply.text);
  plan.set(authMethod, 'password');
  plan.set(passwordMark, verdict.mark);
  plan.delete(failedPasswords);
  const { upgrade } = verdict;
  return pass(upgrade && (({ tx }) => upgrade(tx)));
}

async function withoutPassword(request: Request, { text }: Reply): Promise<Outcome> {
  const { plan, settings } = request;
  const userId = await findIdentified(request, text);
  const pretends = settings.pretendUserExists && pinnedUser(request) === undefined;
  if (userId === undefined || pretends) await blurTime(request.ctx);
  if (userId !== undefined) {
    identify(request, userId, text);
    return pass();
  }
  if (!pretends) return refuse(request, undefined);
  // Somebody who does not exist: later stages fail for them as for somebody who errs.
  plan.delete(pendingUser);
  plan.set(pendingUserIdentifier, text);
  return pass();
}

/** Asks who the visitor is (contract part 2, 11.4), and for the password where a password stage is embedded. */
export const identificationStage = defineStage<Settings>({
  type: 'identification',
  table: 'identification_stage',
  challengeComponent: 'ak-stage-identification',
  challengeShape: IdentificationChallenge,
  replyShape: IdentificationReply,
  settings: readSettings,
  async challenge(request) {
    return challenge(await identificationForm(request, await findEmbeddedPassword(request)));
  },
  async submit(request, reply) {
    const embedded = await findEmbeddedPassword(request);
    const read = readReply(reply, embedded !== undefined);
    if ('errors' in read) return invalid(await identificationForm(request, embedded), read.errors);
    return embedded ? withPassword(request, read, embedded) : withoutPassword(request, read);
  },
});
