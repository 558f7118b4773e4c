import {
  Denial,
  challenge,
  fieldError,
  invalid,
  isRestored,
  pass,
  pendingUser,
  provenEmail,
  takeFlowToken,
} from '../../../core/flows/index.ts';
import type { EffectScope, FieldError, Outcome, ResponseErrors, StageRequest } from '../../../core/flows/index.ts';
import { findActor } from '../../../core/tokens/index.ts';
import {
  activateUser,
  findPasswordHash,
  findUser,
  proveEmail,
  userPolicy,
  whyBarred,
} from '../../../core/users/index.ts';
import type { UserRow } from '../../../core/users/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { activates, isHeld, mayBeInactive } from './activation.ts';
import { forgetPasswords, takeOver, takesOver } from './claim.ts';
import type { Password } from './claim.ts';
import { recordConfirmed } from './events.ts';
import { mailedLink, markOf, wrongAddresses } from './link.ts';
import type { MailedLink } from './link.ts';
import { readNewPassword } from './new-password.ts';
import type { Settings } from './settings.ts';

type Request = StageRequest<Settings>;

const MAX_WRONG = 5;
const over = (): Denial =>
  new Denial('This link has been used, has expired, or a newer one took its place.', { final: true });

/** The mailed link that restored this plan, if it is one of this stage (A11). */
export function openedLink({ plan, stage }: Request): MailedLink | undefined {
  const link = plan.get(isRestored) === true ? plan.get(mailedLink) : undefined;
  return link?.stage === stage.pk ? link : undefined;
}

/** Whether the browser is the one that asked for the mail. Elsewhere a button alone proves nothing: scanners press them. */
const isSameBrowser = ({ session }: Request, link: MailedLink): boolean =>
  session.uuid !== undefined && session.uuid === link.session;

// The wire's challenge of this stage has no other place for them; the pages know the prefix.
const CONFIRM = fieldError('Continue to confirm.', 'hint-confirm');
const ADDRESS = fieldError('Enter your email address to continue on this device.', 'hint-confirm-address');
const PASSWORD = fieldError('Choose a new password.', 'hint-new-password');

/** An account whose address is about to be confirmed. */
type Confirming = {
  readonly link: MailedLink;
  readonly isSameBrowser: boolean;
  /** As it was when the mail was written; undefined: not any more. */
  readonly user: UserRow | undefined;
  /** Whether it goes from who began it to who confirms (E09). */
  readonly takesOver: boolean;
  /** The password's hash that ends with that, and needs another password in its place. */
  readonly ending: string | undefined;
};

/** Whether who made the link may still, if it was somebody: they would have it for an account that can do more by now (A23). */
async function mayMaker({ ctx }: Request, { maker, user }: MailedLink): Promise<boolean> {
  if (maker === undefined) return true;
  return userPolicy.mayControl(ctx.db, await findActor(ctx.db, maker), user);
}

async function look(request: Request, link: MailedLink): Promise<Confirming> {
  const { ctx, plan } = request;
  const found = (await mayMaker(request, link)) ? await findUser(ctx.db, link.user) : undefined;
  const hash = found && (await findPasswordHash(ctx.db, found.id));
  const isTheirs = plan.get(pendingUser) === link.user && found?.email === link.address;
  const user = isTheirs && markOf(ctx, hash) === link.password ? found : undefined;
  const isSame = isSameBrowser(request, link);
  const takes = user !== undefined && takesOver(request, user, isSame);
  // Without a usable one nothing was chosen that could open the account.
  const ending = takes && hash !== undefined && !hash.startsWith('!') ? hash : undefined;
  return { link, isSameBrowser: isSame, user, takesOver: takes, ending };
}

function hintsOf({ isSameBrowser: isSame, ending }: Confirming): readonly FieldError[] {
  if (isSame) return CONFIRM;
  return ending === undefined ? ADDRESS : [...ADDRESS, ...PASSWORD];
}

function ask(at: Confirming, errors: ResponseErrors = {}): Outcome {
  const all = Object.entries({ ...errors, non_field_errors: hintsOf(at) });
  return challenge({
    response_errors: Object.fromEntries(all.map(([field, list]) => [field, list.map((one) => ({ ...one }))])),
  });
}

/**
 * Asks for a press of the button. In another browser than the one that began for the address besides (T04), and, where
 * the account was begun there, for a password of one's own (E09).
 */
export async function askToConfirm(request: Request, link: MailedLink): Promise<Outcome> {
  return ask(await look(request, link));
}

function typedAddress(reply: JsonObject): string {
  const typed = Object.hasOwn(reply, 'email') ? reply['email'] : undefined;
  return typeof typed === 'string' ? typed.trim().normalize('NFC').toLowerCase() : '';
}

/** Refuses what was typed in another browser. Undefined: it is right. */
function addressFault({ plan }: Request, at: Confirming, reply: JsonObject): Outcome | undefined {
  if (at.isSameBrowser) return undefined;
  const typed = typedAddress(reply);
  if (typed === at.link.address.toLowerCase()) return undefined;
  if (typed === '') return ask(at);
  const wrong = (plan.get(wrongAddresses) ?? 0) + 1;
  if (wrong >= MAX_WRONG) throw over();
  plan.set(wrongAddresses, wrong);
  const email = fieldError('This is not the address that the mail was sent to.', 'invalid');
  return invalid({}, { email, non_field_errors: hintsOf(at) });
}

// What keeps an account out is not undone by reading its mail (T25). Its owner, who does, is told.
async function checkBars(request: Request, user: UserRow): Promise<void> {
  if (user.isActive || isHeld(request)) return;
  const why = await whyBarred(request.ctx, user.id);
  if (why !== undefined) throw new Denial(why, { final: true });
}

type Confirmed = { readonly at: Confirming; readonly user: UserRow; readonly password?: Password };

async function settle(request: Request, { tx }: EffectScope, { at, user, password }: Confirmed): Promise<void> {
  if (!(await takeFlowToken(tx, at.link.token))) throw over();
  const ended = at.takesOver ? await takeOver(request, tx, { link: at.link, password }) : undefined;
  // Another password was set meanwhile (E04).
  if (ended === 'changed') throw over();
  await proveEmail(tx, user.id, at.link.address);
  const isActivated = activates(request);
  if (isActivated) await activateUser(tx, user.id);
  await recordConfirmed(request, tx, { user, activated: isActivated && !user.isActive, ended });
}

/** Uses the link up: of any number of browsers one gets on. */
export async function confirm(request: Request, link: MailedLink, reply: JsonObject): Promise<Outcome> {
  const { ctx, plan } = request;
  const at = await look(request, link);
  const fault = addressFault(request, at, reply);
  if (fault) return fault;
  const { user, ending } = at;
  if (!user || !(user.isActive || mayBeInactive(request))) throw over();
  await checkBars(request, user);
  const chosen = ending === undefined ? undefined : await readNewPassword(request, reply);
  if (typeof chosen === 'object') return ask(at, chosen.errors);
  const hashes =
    chosen !== undefined && ending !== undefined ? { from: ending, to: await ctx.passwords.hash(chosen) } : undefined;
  plan.delete(mailedLink);
  plan.set(provenEmail, link.address);
  if (at.takesOver) forgetPasswords(request);
  return pass((scope) => settle(request, scope, { at, user, ...(hashes ? { password: hashes } : {}) }));
}
