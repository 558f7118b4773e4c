import { listFlows } from '../../../../../core/flows/index.ts';
import type { Offer } from '../../../../../core/flows/index.ts';
import type { Context } from '../../../../../kernel/context.ts';
import { permissionDenied } from '../../../../../kernel/errors/index.ts';
import type { HttpRequest } from '../../../../../kernel/http/message.ts';
import { signedBy } from '../../page-actor.ts';
import type { Signed } from '../../page-actor.ts';
import { originOf } from '../../v1/link.ts';
import type { InvitationRow } from '../../v1/store.ts';
import { limitsFor, mayMake } from '../limits.ts';
import type { Limits } from '../limits.ts';

export const PATH = '/if/invite/';

/** Whether the page can mail: `unset`, there is no mail server or no address of ours; `forbidden`, the role may not. */
export type Mailing = 'ready' | 'unset' | 'forbidden';

/** Offers the page to whoever may make an invitation. */
export const inviteOffer: Offer = {
  name: 'invite',
  async isFor(ctx, session) {
    const signed = signedBy(ctx, session);
    return signed !== undefined && mayMake(signed.ctx);
  },
};

/** Somebody who may invite, at the page. */
export type Place = {
  readonly context: Context;
  readonly request: HttpRequest;
  readonly signed: Signed;
  /** Undefined: by the right to make any. */
  readonly limits: Limits | undefined;
  /** Slugs by id. */
  readonly flows: ReadonlyMap<string, string>;
  readonly mailing: Mailing;
};

/** @throws ApiError 403 for who may not invite */
export async function enter(context: Context, request: HttpRequest, signed: Signed): Promise<Place> {
  const { ctx } = signed;
  if (!mayMake(ctx)) throw permissionDenied();
  const limits = await limitsFor(ctx, ctx.db, { verb: 'make' });
  const all = limits ? [] : await listFlows(ctx.db, 'enrollment');
  const flows = limits?.flows ?? new Map(all.map(({ flow_uuid: id, slug }) => [id, slug] as const));
  const isSet = ctx.mail.configured && originOf(ctx, request) !== undefined;
  const mailing = !isSet ? 'unset' : limits?.mayMail === false ? 'forbidden' : 'ready';
  return { context, request, signed, limits, flows, mailing };
}

/** Whom an invitation is for; empty: anybody. */
export function addressOf({ recipients, fixed_data: { email }, restrict_to: addresses }: InvitationRow): string {
  const [first] = recipients;
  if (first !== undefined) return first;
  return typeof email === 'string' ? email : (addresses.find((one) => !one.startsWith('@')) ?? '');
}
