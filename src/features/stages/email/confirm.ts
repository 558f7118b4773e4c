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
import type { Outcome, StageRequest } from '../../../core/flows/index.ts';
import { activateUser, findUser } from '../../../core/users/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { activates, mayBeInactive } from './activation.ts';
import { mailedLink, passwordMark, wrongAddresses } from './link.ts';
import type { MailedLink } from './link.ts';
import type { Settings } from './settings.ts';

type Request = StageRequest<Settings>;

const MAX_WRONG = 5;
const OVER = 'This link has been used, has expired, or a newer one took its place.';

/** The mailed link that restored this plan, if it is one of this stage (A11). */
export function openedLink({ plan, stage }: Request): MailedLink | undefined {
  const link = plan.get(isRestored) === true ? plan.get(mailedLink) : undefined;
  return link?.stage === stage.pk ? link : undefined;
}

/** Whether the browser is the one that asked for the mail. Elsewhere a button alone proves nothing: scanners press them. */
const isSameBrowser = ({ session }: Request, link: MailedLink): boolean =>
  session.uuid !== undefined && session.uuid === link.session;

// The wire's challenge of this stage has no other place for them; the pages know the prefix.
const CONFIRM = 'hint-confirm';
const CONFIRM_ADDRESS = 'hint-confirm-address';

/** Asks for a press of the button, and in another browser than the one that began for the address besides (T04). */
export function askToConfirm(request: Request, link: MailedLink): Outcome {
  const hint = isSameBrowser(request, link)
    ? fieldError('Continue to confirm.', CONFIRM)
    : fieldError('Enter your email address to continue on this device.', CONFIRM_ADDRESS);
  return challenge({ response_errors: { non_field_errors: hint.map((one) => ({ ...one })) } });
}

function typedAddress(reply: JsonObject): string {
  const typed = Object.hasOwn(reply, 'email') ? reply['email'] : undefined;
  return typeof typed === 'string' ? typed.trim().normalize('NFC').toLowerCase() : '';
}

/** Refuses what was typed in another browser. Undefined: it is right. */
function addressFault(request: Request, link: MailedLink, reply: JsonObject): Outcome | undefined {
  const { plan } = request;
  const typed = typedAddress(reply);
  if (typed === link.address.toLowerCase()) return undefined;
  const { body } = askToConfirm(request, link) as { body: JsonObject };
  if (typed === '') return challenge(body);
  const wrong = (plan.get(wrongAddresses) ?? 0) + 1;
  if (wrong >= MAX_WRONG) throw new Denial(OVER, { final: true });
  plan.set(wrongAddresses, wrong);
  return invalid({}, { email: fieldError('This is not the address that the mail was sent to.', 'invalid') });
}

/** Uses the link up: of any number of browsers one gets on. */
export async function confirm(request: Request, link: MailedLink, reply: JsonObject): Promise<Outcome> {
  const { ctx, plan, stage } = request;
  const fault = isSameBrowser(request, link) ? undefined : addressFault(request, link, reply);
  if (fault) return fault;
  const user = await findUser(ctx.db, link.user);
  const isTheirs = user && plan.get(pendingUser) === link.user && user.email === link.address;
  const isAsBefore = isTheirs && (await passwordMark(ctx, user.id)) === link.password;
  if (!isAsBefore || !(user.isActive || mayBeInactive(request))) throw new Denial(OVER, { final: true });
  plan.delete(mailedLink);
  plan.set(provenEmail, link.address);
  return pass(async ({ tx }) => {
    if (!(await takeFlowToken(tx, link.token))) throw new Denial(OVER, { final: true });
    if (activates(request)) await activateUser(tx, user.id);
    await ctx.events.record(tx, {
      action: 'email_confirmed',
      app: 'vestibule.stages.email',
      context: { stage: { pk: stage.pk, name: stage.name }, activated: activates(request) && !user.isActive },
      user: { pk: user.id, username: user.username, email: user.email },
      clientIp: ctx.clientIp,
    });
  });
}
