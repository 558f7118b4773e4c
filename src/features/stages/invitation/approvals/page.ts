import {
  checkCsrf,
  checkSameSite,
  pageRoute,
  readForm,
  redirectReply,
  showOwnPage,
} from '../../../../core/flows/index.ts';
import type { Offer } from '../../../../core/flows/index.ts';
import type { Context } from '../../../../kernel/context.ts';
import { permissionDenied } from '../../../../kernel/errors/index.ts';
import { ApiError } from '../../../../kernel/errors/api-error.ts';
import type { HttpRequest, Reply } from '../../../../kernel/http/message.ts';
import { readPage } from '../../../../kernel/own-api/index.ts';
import { parseUuid } from '../../../../kernel/schema/uuid.ts';
import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { askToSignIn, signedBy, signedIn } from '../page-actor.ts';
import type { Signed } from '../page-actor.ts';
import { timeOf } from '../page-time.ts';
import { decide } from './decide.ts';
import { eyesOf, mayApprove } from './permission.ts';
import * as store from './store.ts';
import type { ApprovalRow, State } from './store.ts';

const PATH = '/if/approvals/';
const OF_A_PAGE = 20;
const MAX_REASON = 500;

type Place = { readonly context: Context; readonly request: HttpRequest; readonly signed: Signed };

/** Offers the page to whoever may decide on any account. */
export const approvalsOffer: Offer = {
  name: 'approvals',
  async isFor(ctx, session) {
    const signed = signedBy(ctx, session);
    return signed !== undefined && (await mayApprove(signed.ctx));
  },
};

/** The page for who may decide; others are sent to sign in, or told that it is not for them. */
function forApprovers(answer: (place: Place) => Promise<Reply>) {
  return async (context: Context, request: HttpRequest): Promise<Reply> => {
    const signed = await signedIn(context, request);
    if (!signed) return askToSignIn(request);
    if (!(await mayApprove(signed.ctx))) throw permissionDenied();
    return answer({ context, request, signed });
  };
}

const usernameOf = (person: JsonObject | null): string =>
  typeof person?.['username'] === 'string' ? person['username'] : '';

function told(row: ApprovalRow, request: HttpRequest): JsonObject {
  return {
    href: `${PATH}${row.id}/`,
    state: row.state,
    user: row.user,
    active: row.active,
    groups: [...row.groups],
    roles: [...row.roles],
    invitation: row.invitation?.name ?? '',
    invitedBy: usernameOf(row.invited_by),
    requested: timeOf(row.requested, request),
    decidedBy: usernameOf(row.decided_by),
    reason: row.reason,
    ...(row.decided === null ? {} : { decided: timeOf(row.decided, request) }),
  };
}

const show = ({ context: ctx, request, signed: { session } }: Place, page: string, data: JsonObject): Promise<Reply> =>
  showOwnPage({ ctx, request, session, page: { page, data } });

const stateOf = (text: string | null): State => store.STATES.find((known) => known === text) ?? 'pending';

async function list(place: Place): Promise<Reply> {
  const { ctx } = place.signed;
  const { query } = place.request;
  const state = stateOf(query.get('state'));
  const scope = JSON.stringify(['approvals page', state]);
  const { items, next } = await readPage(
    ctx,
    { scope, limit: OF_A_PAGE, cursor: query.get('cursor') ?? undefined },
    {
      find: (part) => store.listApprovals(ctx.db, eyesOf(ctx), { states: [state], ...part }),
      place: ({ position, id }) => [position, id],
    },
  );
  return show(place, 'approvals', {
    state,
    items: items.map((row) => told(row, place.request)),
    ...(next === null ? {} : { more: `${PATH}?${new URLSearchParams({ state, cursor: next }).toString()}` }),
  });
}

async function one(place: Place): Promise<Reply> {
  const { context, request, signed } = place;
  const { ctx, session } = signed;
  const id = parseUuid(request.params['id'] ?? '');
  const row = id === undefined ? undefined : await store.findApproval(ctx.db, id, eyesOf(ctx));
  if (!row) throw new ApiError(404, { detail: 'There is no such approval.' });
  if (request.method !== 'POST') return show(place, 'approval', told(row, request));
  checkSameSite({ ctx, request });
  const { reply, csrf } = await readForm(request);
  checkCsrf(context, session, csrf);
  const { action, reason } = reply;
  if (action !== 'approve' && action !== 'reject') throw new ApiError(400, { detail: 'Unknown form.' });
  const said = typeof reason === 'string' ? reason.trim().slice(0, MAX_REASON) : '';
  const state = action === 'approve' ? 'approved' : 'rejected';
  await ctx.db.transaction(async (tx) => {
    await store.lockApproval(tx, row.id);
    // Whoever comes second is shown what the first one decided.
    await decide({ ctx, tx }, row, { state, reason: said });
  });
  return redirectReply(`${PATH}${row.id}/`, 303);
}

/** `/if/approvals/`: the accounts that wait, for those who decide. */
export const approvalsPage = pageRoute({ methods: ['GET'], path: PATH, handle: forApprovers(list) });

/** `/if/approvals/{id}/`: one of them, and the two buttons. */
export const approvalPage = pageRoute({ methods: ['GET', 'POST'], path: `${PATH}{id}/`, handle: forApprovers(one) });
