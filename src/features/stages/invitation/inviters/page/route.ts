import { checkCsrf, checkSameSite, pageRoute, readForm, redirectReply } from '../../../../../core/flows/index.ts';
import { ApiError } from '../../../../../kernel/errors/api-error.ts';
import type { Reply } from '../../../../../kernel/http/message.ts';
import { Problem } from '../../../../../kernel/own-api/index.ts';
import { askToSignIn, signedIn } from '../../page-actor.ts';
import { send } from './mail.ts';
import { invite } from './make.ts';
import { PATH, enter } from './place.ts';
import type { Place } from './place.ts';
import { revokeOwn } from './revoke.ts';
import { show } from './show.ts';

async function answer(place: Place): Promise<Reply> {
  const { context, request, signed } = place;
  checkSameSite({ ctx: context, request });
  const { reply, csrf } = await readForm(request);
  checkCsrf(context, signed.session, csrf);
  const { action } = reply;
  const id = typeof reply['id'] === 'string' ? reply['id'] : '';
  const query = request.query.toString();
  const back = query === '' ? PATH : `${PATH}?${query}`;
  if (action === 'revoke') return revokeOwn(place, id, back);
  if (action === 'send') return send(place, id, back);
  if (action === 'invite') return invite(place, reply);
  throw new ApiError(400, { detail: 'Unknown form.' });
}

/** The list from a place that is none begins at its beginning. */
async function look(place: Place): Promise<Reply> {
  try {
    return await show(place);
  } catch (error) {
    if (error instanceof Problem && place.request.query.has('cursor')) return redirectReply(PATH, 302);
    throw error;
  }
}

/** `/if/invite/`: somebody who may invite makes and mails invitations for one person each, and looks after their own. */
export const invitePage = pageRoute({
  methods: ['GET', 'POST'],
  path: PATH,
  async handle(context, request) {
    const signed = await signedIn(context, request);
    if (!signed) return askToSignIn(request);
    const place = await enter(context, request, signed);
    return request.method === 'POST' ? answer(place) : look(place);
  },
});
