import { localTarget, titleOf } from '../../../../core/flows/index.ts';
import type { Arrival, OwnPage, Welcome, WelcomeOutcome } from '../../../../core/flows/index.ts';
import { failuresOfAddress, insist, look } from '../../../../core/limits/index.ts';
import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { parseUuid } from '../../../../kernel/schema/uuid.ts';
import { withoutDirections } from '../directions.ts';
import { tellInvitation } from '../events.ts';
import { NOBODYS, NOTHING, SECRET_KEY, proofOf } from '../proof.ts';
import { askForNew } from './ask.ts';
import { join } from './join.ts';
import { readMessage } from './message.ts';
import { countPress, findForPage, findPromised, hasUsed } from './store.ts';
import type { PageInvitation } from './store.ts';
import { tellUntil } from './until.ts';

type Locale = Arrival['locale'];

/**
 * Whose link it is: unknown ids, foreign flows and links without their secret find nothing, all alike (T07, T14).
 * @throws ApiError 429, 503
 */
async function find({ ctx, flow, link }: Arrival): Promise<PageInvitation | undefined> {
  const id = parseUuid(link.get('itoken') ?? link.get('token') ?? '') ?? NOBODYS;
  const survivesCreator = ctx.config.invitationsSurviveInactiveCreator;
  const found = await findForPage(ctx.db, { id, flow: flow.flow_uuid, survivesCreator });
  const proof = proofOf(ctx, found ?? NOTHING, link.get(SECRET_KEY));
  if (!found || found.optional === null || found.suspended || proof === undefined) return undefined;
  // A network that guessed too often is told nothing any more; wrong links are counted where the flow refuses them.
  insist(await look(ctx, failuresOfAddress(ctx, 'invitation.link')));
  return found;
}

/**
 * What became of a link that is over. Only who holds an id that was given out can be told, and they could have used it:
 * nobody learns by this which ids exist. The wire tells them all alike (T07).
 */
function endOf({ used, revoked, over }: PageInvitation): 'used' | 'expired' | 'revoked' | undefined {
  if (revoked) return 'revoked';
  if (used) return 'used';
  return over ? 'expired' : undefined;
}

function localeOf({ language }: PageInvitation, { locale }: Arrival): Locale {
  const wanted = language.toLowerCase().split('-')[0];
  return wanted === 'de' || wanted === 'en' ? wanted : locale;
}

const back = ({ flow }: Arrival): string => encodeURIComponent(`/if/flow/${flow.slug}/`);

/** Whether a signed-in visitor may take the invitation with the account they have. */
function mayJoin({ flow, session }: Arrival, { approval, restrict_to, proves }: PageInvitation): boolean {
  if (flow.designation !== 'enrollment' || !session.user || session.user.impersonator !== null) return false;
  // Nothing here has proved the account's address, and nobody approves what an existing account gets (E08).
  return !approval && !(restrict_to.length > 0 && proves);
}

async function ways(arrival: Arrival, found: PageInvitation): Promise<JsonObject> {
  const { ctx, flow, session } = arrival;
  if (!session.user) return { start: true, signIn: `/flows/-/default/authentication/?next=${back(arrival)}` };
  const start = flow.designation !== 'enrollment' || flow.authentication !== 'require_unauthenticated';
  const joined = await hasUsed(ctx.db, found.id, session.user.id);
  return {
    start,
    joined,
    join: !joined && mayJoin(arrival, found),
    leave: `/flows/-/default/invalidation/?next=${back(arrival)}`,
  };
}

/** What it gives, so that who joins gets all that it gave when the page was shown, or nothing (T25). */
async function keepPromised({ ctx }: Arrival, { id }: PageInvitation): Promise<JsonObject> {
  const { groups, roles } = await findPromised(ctx.db, id);
  return { groups: [...groups], roles: [...roles] };
}

async function open(arrival: Arrival, found: PageInvitation): Promise<OwnPage> {
  const { ctx, flow } = arrival;
  const locale = localeOf(found, arrival);
  const { message, message_format: format, expires } = found;
  const data: JsonObject = {
    inviter: withoutDirections(found.inviter),
    onBehalfOf: withoutDirections(found.on_behalf_of),
    flowTitle: titleOf(flow, '').trim(),
    message: readMessage(message, format),
    restricted: found.restrict_to.length > 0,
    ...(expires === null ? {} : { until: tellUntil(expires, ctx.clock.now(), locale) }),
    ...(await ways(arrival, found)),
  };
  const keeps = data['join'] === true ? { keeps: await keepPromised(arrival, found) } : {};
  return { page: 'invitation', locale, data, ...keeps };
}

const over = (arrival: Arrival, found: PageInvitation, end: string): OwnPage => ({
  page: 'invitation-over',
  locale: localeOf(found, arrival),
  data: { end },
});

/** The page that fits what became of the link; undefined: the flow's own. */
async function pageOf(arrival: Arrival, found: PageInvitation): Promise<OwnPage | undefined> {
  const end = endOf(found);
  if (end === undefined) return open(arrival, found);
  return found.optional ? undefined : over(arrival, found, end);
}

async function start({ ctx }: Arrival, { id }: PageInvitation): Promise<WelcomeOutcome> {
  await ctx.db.transaction(async (tx) => {
    if (await countPress(tx, id)) await tellInvitation({ ctx, tx }, 'invitation_opened', { id });
  });
  return { kind: 'begin' };
}

const JOINED = '/i/joined';

async function joinAs(arrival: Arrival, found: PageInvitation): Promise<WelcomeOutcome> {
  const { user } = arrival.session;
  if (!user || !mayJoin(arrival, found)) return { kind: 'page', page: await open(arrival, found) };
  const joined = await join({ arrival, id: found.id, userId: user.id });
  if (joined.kind === 'joined') return { kind: 'redirect', to: localTarget(joined.redirect) ?? JOINED };
  const page = { page: 'invitation-refused', locale: localeOf(found, arrival), data: { message: joined.message } };
  return { kind: 'page', page };
}

async function ask(arrival: Arrival, found: PageInvitation | undefined): Promise<WelcomeOutcome> {
  // Nobody needs a new one: it may have been extended while the page was open.
  if (found && endOf(found) === undefined) return { kind: 'page', page: await open(arrival, found) };
  if (found) await askForNew(arrival.ctx, found);
  const locale = found ? localeOf(found, arrival) : arrival.locale;
  return { kind: 'page', page: { page: 'invitation-asked', locale, data: {} } };
}

/** The first page of an invitation's link. Looking at it changes nothing; its buttons do (T04). */
export const invitationWelcome: Welcome = {
  name: 'invitation',
  async greet(arrival) {
    const found = await find(arrival);
    return found && pageOf(arrival, found);
  },
  async answer(arrival, action) {
    const found = await find(arrival);
    if (action === 'ask') return ask(arrival, found);
    // The flow says it in its own words, the same for all.
    if (!found) return { kind: 'begin' };
    const end = endOf(found);
    if (end !== undefined && !found.optional) return { kind: 'page', page: over(arrival, found, end) };
    if (action === 'join') return joinAs(arrival, found);
    return end === undefined ? start(arrival, found) : { kind: 'begin' };
  },
};
