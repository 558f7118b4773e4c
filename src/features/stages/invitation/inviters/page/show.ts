import { localeOf, showOwnPage } from '../../../../../core/flows/index.ts';
import type { Reply } from '../../../../../kernel/http/message.ts';
import { readPage } from '../../../../../kernel/own-api/index.ts';
import type { JsonObject } from '../../../../../kernel/schema/types.ts';
import { FIRST_INVITATION } from '../../first-invitation.ts';
import { MAIL_CAUSE } from '../../mail-cause.ts';
import { timeOf } from '../../page-time.ts';
import { conditionsOfOwn } from '../../v1/criteria.ts';
import { listMailStates } from '../../v1/deliveries/store.ts';
import type { MailState } from '../../v1/deliveries/store.ts';
import { listInvitations } from '../../v1/store.ts';
import type { InvitationRow } from '../../v1/store.ts';
import { mailedOf } from './mailed.ts';
import { PATH, addressOf } from './place.ts';
import type { Place } from './place.ts';

const OF_A_PAGE = 20;
const DAY = 86_400;
const UNITS = [
  ['day', DAY],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;
const LIFETIMES = [DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY];
const USUAL = 7 * DAY;

/** A time in words, such as "2 days, 12 hours". */
function wordsOf(seconds: number, locale: string): string {
  const words: string[] = [];
  let rest = seconds;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0)
      words.push(new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count));
  }
  return new Intl.ListFormat(locale, { type: 'unit', style: 'long' }).format(words);
}

/** The choices: the usual ones that are permitted, and the longest that is. */
function lifetimesOf({ limits, request }: Place, typed: JsonObject): JsonObject[] {
  const most = limits && Math.max(1, limits.maxLifetime);
  const seconds = most === undefined ? LIFETIMES : [...LIFETIMES.filter((one) => one < most), most];
  const locale = localeOf(request);
  const usual =
    seconds.find((one) => one === typed['lifetime']) ?? seconds.findLast((one) => one <= USUAL) ?? seconds[0];
  return seconds.map((one) => ({ value: String(one), label: wordsOf(one, locale), chosen: one === usual }));
}

/** Made by the first start, which printed its link. */
const isPrinted = ({ name }: InvitationRow): boolean => name === FIRST_INVITATION;

function told({ request, mailing }: Place, row: InvitationRow, mails: readonly MailState[]): JsonObject {
  const to = addressOf(row);
  const mailed = mailedOf(mails, to);
  const isUnderWay = mailed?.state === 'queued' || mailed?.state === 'deferred';
  const maySend = mailing === 'ready' && row.state === 'pending' && to !== '' && !isUnderWay;
  return {
    id: row.id,
    state: row.state,
    to,
    printed: isPrinted(row),
    created: timeOf(row.created, request),
    ...(row.expires === null || row.state !== 'pending' ? {} : { expires: timeOf(row.expires, request) }),
    // What was still to be mailed of one that has ended is no news.
    ...(mailed === undefined || (mailed.state === 'cancelled' && row.state !== 'pending')
      ? {}
      : { mailed: mailed.state, mailedTo: [...mailed.to], mailedMore: mailed.more }),
    ...(maySend ? { send: row.sent === null ? 'send' : 'resend' } : {}),
  };
}

/** The person's own invitations, the newest first, from where the address says. */
async function listOwn(place: Place): Promise<JsonObject> {
  const { request, signed } = place;
  const { ctx } = signed;
  const { scope, ...chosen } = conditionsOfOwn(ctx);
  const cursor = request.query.get('cursor') ?? undefined;
  const { items, next } = await readPage(
    ctx,
    { scope, limit: OF_A_PAGE, cursor },
    {
      find: (part) => listInvitations(ctx.db, { ...chosen, ...part }),
      place: ({ position, id }) => [position, id],
    },
  );
  const states = await listMailStates(ctx.db, { cause: MAIL_CAUSE, ids: items.map(({ id }) => id) });
  return {
    items: items.map((row) => told(place, row, states.get(row.id) ?? [])),
    ...(next === null ? {} : { older: `${PATH}?${new URLSearchParams({ cursor: next }).toString()}` }),
    ...(cursor === undefined ? {} : { newest: PATH }),
    // Who never made one is told how to begin.
    first: cursor === undefined && items.every(isPrinted),
  };
}

/** What came of a form; without one nothing. */
export type Outcome = {
  /** What is shown once. */
  readonly made?: JsonObject;
  readonly problem?: string;
  readonly typed?: JsonObject;
  readonly status?: number;
};

/** The page: a form for one more, and those that there are. */
export async function show(place: Place, { made, problem, typed = {}, status = 200 }: Outcome = {}): Promise<Reply> {
  const { context: ctx, request, signed, limits, flows, mailing } = place;
  const data: JsonObject = {
    form: ctx.random.uuid(),
    flows: [...flows.values()].toSorted(),
    lifetimes: lifetimesOf(place, typed),
    mailing,
    limited: limits !== undefined,
    typed,
    ...(await listOwn(place)),
    ...(made ? { made } : {}),
    ...(problem === undefined ? {} : { problem }),
  };
  return showOwnPage({ ctx, request, session: signed.session, page: { page: 'invite', data, status } });
}
