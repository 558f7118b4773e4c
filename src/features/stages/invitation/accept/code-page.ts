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
import { insist, look, take } from '../../../../core/limits/index.ts';
import type { Limit } from '../../../../core/limits/index.ts';
import type { Context, RequestContext } from '../../../../kernel/context.ts';
import { networkOf } from '../../../../kernel/http/network.ts';
import type { HttpRequest, Reply } from '../../../../kernel/http/message.ts';
import type { RawRoute } from '../../../../kernel/http/raw-route.ts';
import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { SECRET_KEY } from '../proof.ts';
import { codeHash, normalizeCode } from '../secret.ts';
import { findByCode } from './store.ts';

type Place = { readonly ctx: Context; readonly request: HttpRequest };

const MAX_TYPED = 100;

// Shorter than a link, and typed by people: a person mistypes now and then, and fifty bits are not found at this pace.
const wrongCodes = ({ clientIp }: RequestContext): Limit => ({
  kind: 'invitation.code',
  key: networkOf(clientIp),
  points: 10,
  seconds: 600,
});

async function show({ ctx, request }: Place, data: JsonObject): Promise<Reply> {
  const session = await sessionOf({ ctx: visitorContext(ctx, request), request });
  return showOwnPage({ ctx, request, session, page: { page: 'invitation-code', data } });
}

async function findCode(place: Place): Promise<Reply> {
  const { ctx, request } = place;
  const visitor = visitorContext(ctx, request);
  checkSameSite({ ctx: visitor, request });
  const { reply, csrf } = await readForm(request);
  checkCsrf(ctx, await sessionOf({ ctx: visitor, request }), csrf);
  const typed = typeof reply['code'] === 'string' ? reply['code'].slice(0, MAX_TYPED) : '';
  // Beyond the limit a right one is refused as well, so that guessing on tells nothing.
  const limit = wrongCodes(visitor);
  insist(await look(ctx, limit));
  const survivesCreator = ctx.config.invitationsSurviveInactiveCreator;
  const found = await findByCode(ctx.db, { hash: codeHash(ctx, typed), survivesCreator });
  if (!found) insist(await take(ctx, limit));
  // Unknown, used, expired and withdrawn ones alike (T07).
  if (!found) return show(place, { wrong: true, typed });
  // The browser keeps what the page needs, so that no address and no log has it (T08).
  const link = new URLSearchParams({ itoken: found.id, [SECRET_KEY]: normalizeCode(typed) });
  return redirectReply(`/if/flow/${found.slug}/`, 303, [await linkCookie(place, found.slug, link)]);
}

/** `/i`: where a code is typed by hand. */
export const codePage = pageRoute({
  methods: ['GET', 'POST'],
  path: '/i',
  handle: (ctx, request) => (request.method === 'POST' ? findCode({ ctx, request }) : show({ ctx, request }, {})),
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
