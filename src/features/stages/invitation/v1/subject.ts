import type { RequestContext } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import type { HttpRequest } from '../../../../kernel/http/message.ts';
import { holdersOn, t } from '../../../../kernel/own-api/index.ts';
import type { Access, Subject, ValuesOf } from '../../../../kernel/own-api/index.ts';
import { orOwners } from '../inviters/access.ts';
import { Invitation } from '../resources/invitation.ts';
import { writableOf } from './columns.ts';
import { invitationType } from './fields.ts';
import type { including } from './fields.ts';
import { linkOf } from './link.ts';
import { encodeSvg } from './qr.ts';
import * as store from './store.ts';
import type { InvitationRow } from './store.ts';

export const TAG = 'invitations';
export const PATH = '/invitations';
export const ONE = `${PATH}/{id}`;
export const oneParams = { id: t.uuid() };

const APP = 'authentik_stages_invitation';
/** The permission (`app_label.codename`) to do that with invitations. */
export const permissionTo = (verb: 'view' | 'add' | 'change' | 'delete'): string => `${APP}.${verb}_invitation`;

/** Who may view an invitation, and may do something with it besides. */
export function accessTo(...verbs: readonly ('change' | 'delete')[]): Access {
  const permissions = [permissionTo('view'), ...verbs.map(permissionTo)];
  return holdersOn(Invitation, { permissions, parameter: 'id' });
}

/** The same, and who invites within limits to what they made. */
export const accessToOwn = (...verbs: readonly ('change' | 'delete')[]): Access =>
  orOwners(accessTo(...verbs), accessTo());

/** An invitation as GET shows it. */
export function represent(ctx: RequestContext, row: InvitationRow, request: HttpRequest): unknown {
  const { link, reason } = linkOf({ ctx, request }, row);
  return { ...row, ...writableOf(row), link, link_reason: reason };
}

type Once = ValuesOf<typeof including> & { readonly code?: string | undefined; readonly secret?: string | undefined };

/** An invitation with what was made just now and is not shown again. */
export function representWithSecrets(
  { ctx, request }: { readonly ctx: RequestContext; readonly request: HttpRequest },
  row: InvitationRow,
  { code, secret, include }: Once,
): object {
  const { link, reason } = linkOf({ ctx, request }, row, secret);
  const qr = link === null || !include.includes('qr_svg') ? null : encodeSvg(link);
  return { ...row, ...writableOf(row), link, link_reason: reason, code: code ?? null, qr_svg: qr };
}

/** The invitation of a path. */
export const invitation: Subject<InvitationRow> = {
  type: invitationType,
  async load(_ctx, { db, params, lock }) {
    const id = params['id'] ?? '';
    if (lock) await store.lockInvitation(db, id);
    return store.findInvitation(db, id);
  },
  represent,
};

/** The invitation after a change. Throws when it is gone, which nothing does. */
export async function reload(tx: Transaction, id: string): Promise<InvitationRow> {
  const row = await store.findInvitation(tx, id);
  if (!row) throw new Error('The invitation is gone.');
  return row;
}
