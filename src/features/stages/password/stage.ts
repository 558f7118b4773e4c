import {
  Denial,
  authMethod,
  challenge,
  defineStage,
  failedPasswords,
  fieldError,
  invalid,
  listFlows,
  pass,
  passwordMark,
  pendingUser,
} from '../../../core/flows/index.ts';
import type { Outcome, ResponseErrors, StageRequest } from '../../../core/flows/index.ts';
import { isKnownDevice } from '../../../core/sessions/index.ts';
import { attemptPassword } from '../../../core/users/index.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { INBUILT } from './backends.ts';
import { recordLoginFailed } from './events.ts';
import { findPerson } from './person.ts';
import type { Person } from './person.ts';
import { PasswordChallenge, PasswordReply } from './shapes.ts';

type Settings = {
  readonly backends: readonly string[];
  readonly failedAttemptsBeforeCancel: number;
  readonly allowShowPassword: boolean;
};
type Request = StageRequest<Settings>;

async function recoveryUrl({ ctx, query }: Request): Promise<string | undefined> {
  const [flow] = await listFlows(ctx.db, 'recovery');
  if (!flow) return undefined;
  return `/if/flow/${flow.slug}/${query.size > 0 ? `?${query.toString()}` : ''}`;
}

async function form(request: Request, person: Person): Promise<JsonObject> {
  const url = await recoveryUrl(request);
  return {
    pending_user: person.shown,
    pending_user_avatar: person.avatar,
    ...(url === undefined ? {} : { recovery_url: url }),
    allow_show_password: request.settings.allowShowPassword,
  };
}

function readPassword(reply: JsonObject): string | ResponseErrors {
  const given = Object.hasOwn(reply, 'password') ? reply['password'] : undefined;
  if (given === undefined) return { password: fieldError(messages.required, 'required') };
  if (given === null) return { password: fieldError(messages.null, 'null') };
  if (typeof given !== 'string') return { password: fieldError(messages.notString, 'invalid') };
  return given === '' ? { password: fieldError(messages.blank, 'blank') } : given;
}

async function refuse(request: Request, person: Person): Promise<Outcome> {
  const { plan, settings } = request;
  await recordLoginFailed(request, person.username);
  const failures = (plan.get(failedPasswords) ?? 0) + 1;
  if (failures > settings.failedAttemptsBeforeCancel) throw new Denial('Too many wrong passwords.');
  plan.set(failedPasswords, failures);
  return invalid(await form(request, person), { password: fieldError('Invalid password', 'invalid') });
}

/** Asks for the pending user's password (contract part 2, 11.4). */
export const passwordStage = defineStage<Settings>({
  type: 'password',
  table: 'password_stage',
  challengeComponent: 'ak-stage-password',
  challengeShape: PasswordChallenge,
  replyShape: PasswordReply,
  settings: (row) => ({
    backends: row.texts('backends'),
    failedAttemptsBeforeCancel: row.integer('failed_attempts_before_cancel'),
    allowShowPassword: row.flag('allow_show_password'),
  }),
  async challenge(request) {
    return challenge(await form(request, await findPerson(request)));
  },
  async submit(request, reply) {
    const { ctx, plan, settings, session } = request;
    const person = await findPerson(request);
    const password = readPassword(reply);
    if (typeof password !== 'string') return invalid(await form(request, person), password);
    const { userId } = person;
    const verdict = await attemptPassword(ctx, {
      userId,
      name: person.shown,
      password,
      inbuilt: settings.backends.includes(INBUILT),
      knownDevice: userId !== undefined && isKnownDevice(ctx, session.device, userId),
    });
    if (!verdict.ok && verdict.why !== undefined) throw new Denial(verdict.why, { final: true });
    if (!verdict.ok || person.userId === undefined) return refuse(request, person);
    plan.set(pendingUser, person.userId);
    plan.set(authMethod, 'password');
    plan.set(passwordMark, verdict.mark);
    plan.delete(failedPasswords);
    const { upgrade } = verdict;
    return pass(upgrade && (({ tx }) => upgrade(tx)));
  },
});
