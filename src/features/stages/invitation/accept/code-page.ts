import {
  checkCsrf,
  checkSameSite,
  linkCookie,
  pageRoute,
  readForm,
  redirectReply,
  sessionOf,
  showOwnPage,
  visitorContext,
} from '../../../../core/flows/index.ts';
import type { Context } from '../../../../kernel/context.ts';
import type { HttpRequest, Reply } from '../../../../kernel/http/message.ts';
import type { RawRoute } from '../../../../kernel/http/raw-route.ts';
import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { withinLimit } from '../limits.ts';
import { SECRET_KEY } from '../proof.ts';
import { codeHash, normalizeCode } from '../secret.ts';
import { findByCode } from './store.ts';

type Place = { readonly ctx: Context; readonly request: HttpRequest };

// A person mistypes now and then; fifty bits are not found at this pace from any number of networks.
const CODES = { name: 'invitation-code', calls: 10, seconds: 600 };
const MAX_TYPED = 100;

async function show(
  { ctx, request }: Place,
  problem?: { readonly status: number; readonly key: string },
): Promise<Reply> {
  const session = await sessionOf({ ctx: visitorContext(ctx, request), request });
  const data: JsonObject = problem ? { problem: problem.key } : {};
  return showOwnPage({
    ctx,
    request,
    session,
    page: { page: 'invitation-code', data, status: problem?.status ?? 200 },
  });
}

async function look(place: Place): Promise<Reply> {
  const { ctx, request } = place;
  const visitor = visitorContext(ctx, request);
  checkSameSite({ ctx: visitor, request });
  const { reply, csrf } = await readForm(request);
  checkCsrf(ctx, await sessionOf({ ctx: visitor, request }), csrf);
  if (!(await withinLimit(visitor, CODES))) return show(place, { status: 429, key: 'tooMany' });
  const typed = typeof reply['code'] === 'string' ? reply['code'].slice(0, MAX_TYPED) : '';
  const survivesCreator = ctx.config.invitationsSurviveInactiveCreator;
  const found = await findByCode(ctx.db, { hash: codeHash(ctx, typed), survivesCreator });
  // Unknown, used, expired and withdrawn ones alike (T07).
  if (!found) return show(place, { status: 200, key: 'unknown' });
  // The browser keeps what the page needs, so that no address and no log has it (T08).
  const link = new URLSearchParams({ itoken: found.id, [SECRET_KEY]: normalizeCode(typed) });
  return redirectReply(`/if/flow/${found.slug}/`, 303, [linkCookie(place, found.slug, link)]);
}

/** `/i`: where a code is typed by hand. */
export const codePage = pageRoute({
  methods: ['GET', 'POST'],
  path: '/i',
  handle: (ctx, request) => (request.method === 'POST' ? look({ ctx, request }) : show({ ctx, request })),
});

const plainPage = (path: string, page: string): RawRoute =>
  pageRoute({
    methods: ['GET'],
    path,
    async handle(ctx, request) {
      const session = await sessionOf({ ctx: visitorContext(ctx, request), request });
      return showOwnPage({ ctx, request, session, page: { page, data: {} } });
    },
  });

/** Where somebody lands whose account waits for approval. */
export const waitingPage = plainPage('/i/waiting', 'invitation-waiting');

/** Where somebody lands who joined with the account they had. */
export const joinedPage = plainPage('/i/joined', 'invitation-joined');
