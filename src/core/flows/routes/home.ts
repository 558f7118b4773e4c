import { redirectReply } from '../page/headers.ts';
import { pageRoute } from '../page/page-route.ts';
import { showSignedIn } from '../page/show.ts';
import { sessionOf, visitorContext } from '../visit.ts';

const SIGN_IN = '/flows/-/default/authentication/';
const HOME = '/if/user/';

/** `/`: the user's page for who is signed in, the sign-in for others. */
export const home = pageRoute({
  methods: ['GET'],
  path: '/',
  async handle(ctx, request) {
    const session = await sessionOf({ ctx: visitorContext(ctx, request), request });
    return redirectReply(session.user ? HOME : SIGN_IN, 302);
  },
});

/** `/if/user/`: who you are, what you may do, and sign-out. */
export const userPage = pageRoute({
  methods: ['GET'],
  path: HOME,
  async handle(ctx, request) {
    const session = await sessionOf({ ctx: visitorContext(ctx, request), request });
    if (!session.user) return redirectReply(`${SIGN_IN}?next=${encodeURIComponent(HOME)}`, 302);
    return showSignedIn(ctx, request, session);
  },
});
