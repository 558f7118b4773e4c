import { databaseNow } from '../../../../../kernel/db/now.ts';
import { Problem, defineChange, invalidFields, t } from '../../../../../kernel/own-api/index.ts';
import type { ValueProblem } from '../../../../../kernel/own-api/index.ts';
import { tellInvitation } from '../../events.ts';
import { invitationType } from '../fields.ts';
import { tooManyOpen } from '../../inviters/problems.ts';
import { revoked } from '../problems.ts';
import { renewExpiry, renewLimit, updateInvitation } from '../store.ts';
import type { Columns, InvitationRow } from '../store.ts';
import { ONE, TAG, accessToOwn, invitation, oneParams, reload, represent } from '../subject.ts';
import { checkKept } from '../write.ts';

const extension = t.object('InvitationExtension', {
  expires: t.optional(t.nullable(t.dateTime({ description: 'The new expiry; null: never.' }))),
  more_uses: t.optional(t.integer({ minimum: 1, maximum: 100_000, description: 'Uses that are added to the limit.' })),
});

type Wanted = { readonly expires: string | null | undefined; readonly more_uses: number | undefined };

function faultsOf(
  { max_uses: limit }: InvitationRow,
  { expires, more_uses: more }: Wanted,
  now: number,
): ValueProblem[] {
  const found: ValueProblem[] = [];
  if (expires === undefined && more === undefined) {
    found.push({ pointer: '', code: 'required', detail: 'Say expires, more_uses, or both.' });
  }
  if (typeof expires === 'string' && Date.parse(expires) <= now) {
    found.push({ pointer: '/expires', code: 'past', detail: 'This is over already.' });
  }
  if (more !== undefined && limit === null) {
    found.push({ pointer: '/more_uses', code: 'no_limit', detail: 'It may be used any number of times as it is.' });
  }
  return found;
}

/** POST /invitations/{id}/extend */
export const extendInvitation = defineChange({
  operationId: 'extendInvitation',
  method: 'POST',
  path: `${ONE}/extend`,
  tag: TAG,
  summary: 'Extend an invitation',
  description: 'Gives it a new expiry, more uses, or both. One that has expired or is used up works again.',
  access: accessToOwn('change'),
  params: oneParams,
  subject: invitation,
  body: extension,
  responses: { 200: invitationType },
  problems: [revoked, tooManyOpen],
  async handle(ctx, { tx, object, body, request }) {
    if (object.revoked !== null) throw new Problem(revoked);
    const found = faultsOf(object, body, await databaseNow(tx));
    if (found.length > 0) throw invalidFields(found);
    const { expires, more_uses: more } = body;
    const { id, max_uses: limit } = object;
    const changed = {
      ...(expires === undefined ? {} : { expires }),
      ...(more === undefined ? {} : { max_uses: (limit ?? 0) + more }),
    };
    await checkKept({ ctx, tx }, object, changed);
    const columns: Columns = {
      ...(expires === undefined ? {} : { expires: { value: expires, type: 'timestamptz' } }),
      ...(more === undefined ? {} : { max_uses: { value: (limit ?? 0) + more, type: 'integer' } }),
    };
    await updateInvitation(tx, id, columns);
    if (expires !== undefined) await renewExpiry(tx, id);
    if (more !== undefined) await renewLimit(tx, id);
    const row = await reload(tx, id);
    await tellInvitation({ ctx, tx }, 'invitation_extended', {
      id,
      context: { expires: row.expires, max_uses: row.max_uses },
    });
    const shown = represent(ctx, row, request);
    return { value: shown, represents: shown };
  },
});
