import {
  checkCsrf,
  checkSameSite,
  listFlows,
  localeOf,
  openFields,
  pageRoute,
  readForm,
  redirectReply,
  showOwnPage,
} from '../../../../core/flows/index.ts';
import type { Context } from '../../../../kernel/context.ts';
import { databaseNow } from '../../../../kernel/db/now.ts';
import { ApiError } from '../../../../kernel/errors/api-error.ts';
import { permissionDenied } from '../../../../kernel/errors/index.ts';
import type { HttpRequest, Reply } from '../../../../kernel/http/message.ts';
import { Problem, parse } from '../../../../kernel/own-api/index.ts';
import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { parseUuid } from '../../../../kernel/schema/uuid.ts';
import { tellInvitation } from '../events.ts';
import { askToSignIn, signedIn } from '../page-actor.ts';
import type { Signed } from '../page-actor.ts';
import { conditionsOf } from '../v1/criteria.ts';
import { formatDuration } from '../v1/duration.ts';
import { newInvitation } from '../v1/fields.ts';
import { linkOf } from '../v1/link.ts';
import { makeInvitation } from '../v1/operations/create.ts';
import { encodeSvg } from '../v1/qr.ts';
import { findInvitation, listInvitations, lockInvitation, revoke } from '../v1/store.ts';
import type { InvitationRow } from '../v1/store.ts';
import { limitsFor, mayInvite } from './limits.ts';
import type { Limits } from './limits.ts';

const PATH = '/if/invite/';
const SHOWN = 20;
const HOUR = 3600;
const DAY = 86_400;
const LIFETIMES = [DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY];
const USUAL = 7 * DAY;

type Place = {
  readonly context: Context;
  readonly request: HttpRequest;
  readonly signed: Signed;
  /** Undefined: by the right to make any. */
  readonly limits: Limits | undefined;
  /** Slugs by id. */
  readonly flows: ReadonlyMap<string, string>;
};

async function enter(context: Context, request: HttpRequest, signed: Signed): Promise<Place> {
  const { ctx } = signed;
  const limits = await limitsFor(ctx, ctx.db, { verb: 'make' });
  if (limits && !mayInvite(ctx)) throw permissionDenied();
  const all = limits ? [] : await listFlows(ctx.db, 'enrollment');
  const flows = limits?.flows ?? new Map(all.map(({ flow_uuid: id, slug }) => [id, slug] as const));
  return { context, request, signed, limits, flows };
}

function lifetimesOf({ limits, request }: Place): JsonObject[] {
  const most = limits?.maxLifetime ?? Infinity;
  const fitting = LIFETIMES.filter((seconds) => seconds <= most);
  const seconds = fitting.length > 0 ? fitting : [Math.max(HOUR, most - (most % HOUR))];
  const locale = localeOf(request);
  const words = (unit: 'day' | 'hour', count: number): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
  const usual = seconds.findLast((one) => one <= USUAL) ?? seconds[0];
  return seconds.map((one) => ({
    value: String(one),
    label: one % DAY === 0 ? words('day', one / DAY) : words('hour', Math.floor(one / HOUR)),
    chosen: one === usual,
  }));
}

function addressOf({ fixed_data: { email }, restrict_to: addresses }: InvitationRow): string {
  return typeof email === 'string' ? email : (addresses[0] ?? '');
}

const EVERYTHING = {
  state: undefined,
  created_by: undefined,
  flow: undefined,
  group: undefined,
  recipient: undefined,
  q: undefined,
  mine: true,
} as const;

function timeOf(instant: string, request: HttpRequest): JsonObject {
  const format = new Intl.DateTimeFormat(localeOf(request), { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return { instant, absolute: `${format.format(new Date(instant))} UTC` };
}

type Outcome = {
  readonly made?: JsonObject;
  readonly problem?: string;
  readonly typed?: JsonObject;
  readonly status?: number;
};

async function show(place: Place, { made, problem, typed = {}, status = 200 }: Outcome = {}): Promise<Reply> {
  const { context: ctx, request, signed, flows } = place;
  const { conditions, parameters } = conditionsOf(signed.ctx, EVERYTHING);
  const rows = await listInvitations(ctx.db, { conditions, parameters, after: undefined, limit: SHOWN });
  const items = rows.map((row) => ({
    id: row.id,
    state: row.state,
    to: addressOf(row),
    created: timeOf(row.created, request),
  }));
  const data: JsonObject = {
    flows: [...flows.values()].toSorted(),
    lifetimes: lifetimesOf(place),
    items,
    typed,
    ...(made ? { made } : {}),
    ...(problem === undefined ? {} : { problem }),
  };
  return showOwnPage({ ctx, request, session: signed.session, page: { page: 'invite', data, status } });
}

/** In seconds. Longer than anybody may give; what is beyond it is not even an instant. */
const LONGEST = 10_000 * 86_400;

type Typed = { readonly email: string; readonly message: string; readonly flow: string; readonly lifetime: number };

function typedOf({ flows }: Place, reply: JsonObject): Typed {
  const text = (key: string): string => {
    const value = reply[key];
    return typeof value === 'string' ? value.trim() : '';
  };
  const [only = ''] = flows.values();
  return {
    email: text('email'),
    message: text('message'),
    flow: text('flow') || only,
    lifetime: Math.min(Math.max(Number(text('lifetime')) || 0, 0), LONGEST),
  };
}

/** Whether the flow asks for an address, so that it may be filled in. */
async function asksForAddress({ signed: { ctx }, flows }: Place, slug: string): Promise<boolean> {
  const [flow] = [...flows].find(([, known]) => known === slug) ?? [];
  if (flow === undefined) return false;
  const keys = await Promise.all(ctx.registry.all(openFields).map(({ list }) => list(ctx.db, flow)));
  return keys.some((some) => some.includes('email'));
}

async function inputOf(place: Place, { email, message, flow, lifetime }: Typed): Promise<JsonObject> {
  const { limits, signed } = place;
  const now = await databaseNow(signed.ctx.db);
  const life = limits?.maxAccountLifetime ?? null;
  return {
    name: 'personal',
    flow,
    message,
    max_uses: 1,
    expires: new Date(now + lifetime * 1000).toISOString(),
    restrict_to: email === '' ? [] : [email],
    fixed_data: email !== '' && (await asksForAddress(place, flow)) ? { email } : {},
    approval: limits?.approval === true,
    account_expires: life === null ? null : formatDuration(Math.max(1, life)),
    with_code: true,
  };
}

function problemOf({ kind, errors }: Problem): string {
  if (kind.code === 'too_many_open' || kind.code === 'too_many_today') return kind.code;
  return errors.some((one) => 'pointer' in one && one.pointer.startsWith('/restrict_to')) ? 'address' : 'refused';
}

async function invite(place: Place, reply: JsonObject): Promise<Reply> {
  const { request, signed } = place;
  const { ctx } = signed;
  const typed = typedOf(place, reply);
  try {
    const input = parse(newInvitation, await inputOf(place, typed));
    const made = await ctx.db.transaction(async (tx) => {
      const { id, code, secret } = await makeInvitation({ ctx, tx }, input);
      const row = await findInvitation(tx, id);
      return { code: code ?? '', link: (row && linkOf({ ctx, request }, row, secret).link) ?? '' };
    });
    const qr =
      made.link === '' ? '' : `data:image/svg+xml;base64,${Buffer.from(encodeSvg(made.link)).toString('base64')}`;
    return await show(place, { made: { ...made, qr, to: typed.email } });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return show(place, { problem: problemOf(error), typed: { ...typed }, status: error.kind.status });
  }
}

async function revokeOwn({ signed: { ctx } }: Place, reply: JsonObject): Promise<Reply> {
  const id = parseUuid(typeof reply['id'] === 'string' ? reply['id'] : '');
  await ctx.db.transaction(async (tx) => {
    if (id !== undefined) await lockInvitation(tx, id);
    const row = id === undefined ? undefined : await findInvitation(tx, id);
    if (!row || row.created_by?.['id'] !== ctx.actor?.id) throw new ApiError(404, { detail: 'Not found.' });
    if (row.revoked !== null) return;
    await revoke(tx, row.id, ctx.actor?.id ?? null);
    await tellInvitation({ ctx, tx }, 'invitation_revoked', { id: row.id });
  });
  return redirectReply(PATH, 303);
}

async function answer(place: Place): Promise<Reply> {
  const { context, request, signed } = place;
  checkSameSite({ ctx: context, request });
  const { reply, csrf } = await readForm(request);
  checkCsrf(context, signed.session, csrf);
  if (reply['action'] === 'revoke') return revokeOwn(place, reply);
  if (reply['action'] !== 'invite') throw new ApiError(400, { detail: 'Unknown form.' });
  return invite(place, reply);
}

/** `/if/invite/`: somebody who may invite makes an invitation for one person, and sees and revokes their own. */
export const invitePage = pageRoute({
  methods: ['GET', 'POST'],
  path: PATH,
  async handle(context, request) {
    const signed = await signedIn(context, request);
    if (!signed) return askToSignIn(request);
    const place = await enter(context, request, signed);
    return request.method === 'POST' ? answer(place) : show(place);
  },
});
