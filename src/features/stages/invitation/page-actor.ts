import { redirectReply, sessionOf, visitorContext } from '../../../core/flows/index.ts';
import type { Session } from '../../../core/sessions/index.ts';
import { actorOfSession } from '../../../core/tokens/index.ts';
import type { Context, RequestContext } from '../../../kernel/context.ts';
import type { HttpRequest, Reply } from '../../../kernel/http/message.ts';

/** Somebody signed in who asks for a page. */
export type Signed = { readonly ctx: RequestContext; readonly session: Session };

/** A session's user, as the API would know them; undefined: nobody is signed in. */
export function signedBy(ctx: RequestContext, session: Session): Signed | undefined {
  const actor = actorOfSession(session);
  return actor && { session, ctx: { ...ctx, actor } };
}

/** Who asks for a page of signed-in people; undefined: nobody is signed in. */
export async function signedIn(context: Context, request: HttpRequest): Promise<Signed | undefined> {
  const ctx = visitorContext(context, request);
  return signedBy(ctx, await sessionOf({ ctx, request }));
}

/** To the sign-in, and back from there. */
export const askToSignIn = ({ path }: HttpRequest): Reply =>
  redirectReply(`/flows/-/default/authentication/?next=${encodeURIComponent(path)}`, 302);
