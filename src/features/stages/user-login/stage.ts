import {
  Denial,
  accountHeld,
  authMethod,
  challenge,
  challengeShape,
  createdUser,
  defineStage,
  fieldError,
  invalid,
  pass,
  passwordMark,
  pendingUser,
  provenEmail,
  replyShape,
  userInfo,
} from '../../../core/flows/index.ts';
import { f } from '../../../kernel/resource/fields.ts';
import type { Outcome, StageRequest } from '../../../core/flows/index.ts';
import { endOtherSessions } from '../../../core/sessions/index.ts';
import {
  avatarOf,
  findUser,
  lockPasswordHash,
  passwordMarkOf,
  touchLogin,
  whyBarred,
} from '../../../core/users/index.ts';
import { parseTimedelta } from '../../../kernel/schema/timedelta.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';

type Settings = {
  /** Seconds; 0: until the browser closes. */
  readonly duration: number;
  /** Seconds added when the person asks to be remembered; 0: no question. */
  readonly rememberMe: number;
  readonly terminateOthers: boolean;
};
type Request = StageRequest<Settings>;
type Person = NonNullable<Awaited<ReturnType<typeof findUser>>>;

const CHANGED = 'The password was changed meanwhile. Please start again.';

// Enrollment signs in whom it has made and who was there before; anybody else has to prove who they are (T09).
function mayLogIn({ flow, plan, session }: Request, userId: number): boolean {
  if (flow.designation !== 'enrollment') return true;
  const isOwn = userId === plan.get(createdUser) || userId === session.user?.id;
  return isOwn || plan.get(authMethod) !== undefined || plan.get(provenEmail) !== undefined;
}

async function loadPerson(request: Request): Promise<Person> {
  const { ctx, plan } = request;
  const pending = plan.get(pendingUser);
  const person = pending === undefined ? undefined : await findUser(ctx.db, pending);
  if (!person || !mayLogIn(request, person.id)) throw new Denial('No Pending user to login.');
  return person;
}

/** Tells the owner of an inactive account why, where there is something to tell. @throws Denial */
async function checkBars({ ctx }: Request, { id, isActive }: Person): Promise<void> {
  if (isActive) return;
  const why = await whyBarred(ctx, id);
  if (why !== undefined) throw new Denial(why, { final: true });
}

const question = (person: Person): JsonObject => ({
  pending_user: person.username,
  pending_user_avatar: avatarOf(person.name || person.username),
});

function logIn(request: Request, person: Person, seconds: number): Outcome {
  const { ctx, session, settings } = request;
  // The contract logs an inactive user in and does not recognise them afterwards; nothing they hold works (A18).
  if (!person.isActive) ctx.log.warn('an inactive user was logged in', { user: person.id });
  const mark = request.plan.get(passwordMark);
  return pass(async ({ tx, login }) => {
    login({ userId: person.id, seconds });
    // A sign-in that was under way when the password was changed (E09).
    if (mark !== undefined && mark !== passwordMarkOf(ctx, (await lockPasswordHash(tx, person.id)) ?? ''))
      throw new Denial(CHANGED, { final: true });
    touchLogin(tx, person.id);
    if (settings.terminateOthers) await endOtherSessions(tx, person.id, session.uuid);
    await ctx.events.record(tx, {
      action: 'login',
      app: 'vestibule.stages.user_login',
      context: { terminate_other_sessions: settings.terminateOthers },
      user: { pk: person.id, username: person.username, email: person.email },
      clientIp: ctx.clientIp,
    });
  });
}

const isTrue = (value: Json | undefined): boolean => value === true || value === 'true' || value === 'on';
const isFalse = (value: Json | undefined): boolean => value === false || value === 'false' || value === '';

/**
 * Logs the pending user in and gives the session a new key; asks first where "remember me" is offered. An account that
 * waits for somebody's decision is passed over.
 */
export const userLoginStage = defineStage<Settings>({
  type: 'user_login',
  table: 'user_login_stage',
  challengeComponent: 'ak-stage-user-login',
  challengeShape: challengeShape('UserLoginChallenge', 'ak-stage-user-login', userInfo),
  replyShape: replyShape('UserLoginChallengeResponse', 'ak-stage-user-login', { remember_me: f.boolean() }),
  settings: (row) => ({
    duration: parseTimedelta(row.text('session_duration')) ?? 0,
    rememberMe: parseTimedelta(row.text('remember_me_offset')) ?? 0,
    terminateOthers: row.flag('terminate_other_sessions'),
  }),
  async challenge(request) {
    const person = await loadPerson(request);
    if (request.plan.get(accountHeld)) return pass();
    await checkBars(request, person);
    if (request.settings.rememberMe > 0) return challenge(question(person));
    return logIn(request, person, request.settings.duration);
  },
  async submit(request, reply) {
    const person = await loadPerson(request);
    if (request.plan.get(accountHeld)) return pass();
    await checkBars(request, person);
    const { duration, rememberMe } = request.settings;
    const answer = reply['remember_me'];
    if (rememberMe <= 0) return logIn(request, person, duration);
    if (isTrue(answer)) return logIn(request, person, duration + rememberMe);
    if (isFalse(answer)) return logIn(request, person, duration);
    const absent = answer === undefined || answer === null;
    const error = absent
      ? fieldError('This field is required.', 'required')
      : fieldError('Must be a valid boolean.', 'invalid');
    return invalid(question(person), { remember_me: error });
  },
});
