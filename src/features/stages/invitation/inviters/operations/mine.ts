import { defineRead, signedIn, t } from '../../../../../kernel/own-api/index.ts';
import { formatDuration } from '../../v1/duration.ts';
import { ownLimitsType } from '../fields.ts';
import { limitsFor, mayInvite } from '../limits.ts';
import type { Limits } from '../limits.ts';
import { countMade } from '../store.ts';

const durationOf = (seconds: number): string => (seconds > 0 ? formatDuration(seconds) : 'PT0S');

const shownLimits = (limits: Limits): unknown => ({
  flows: [...limits.flows.values()].toSorted(),
  groups: [...limits.groups],
  roles: [...limits.roles],
  max_uses: limits.maxUses,
  max_lifetime: durationOf(limits.maxLifetime),
  open_invitations: limits.openInvitations,
  per_day: limits.perDay,
  max_account_lifetime: limits.maxAccountLifetime === null ? null : durationOf(limits.maxAccountLifetime),
  may_mail: limits.mayMail,
  approval: limits.approval,
  attributes: [...limits.attributes],
});

/** GET /me/inviting */
export const readOwnInviting = defineRead({
  operationId: 'readOwnInviting',
  path: '/me/inviting',
  tag: 'inviter-roles',
  summary: 'Read what the caller may invite',
  access: signedIn,
  responses: {
    200: t.object('OwnInviting', {
      may_invite: t.boolean(),
      limits: t.nullable(ownLimitsType),
      open: t.integer({ description: 'Open invitations of the caller.' }),
      today: t.integer({ description: 'Invitations that the caller has made within 24 hours.' }),
    }),
  },
  async handle(ctx) {
    const limits = await limitsFor(ctx, ctx.db, { verb: 'make' });
    const isInviter = mayInvite(ctx);
    const { open, today } = await countMade(ctx.db, ctx.actor?.id ?? 0);
    const may = limits === undefined || (isInviter && limits.flows.size > 0);
    return { value: { may_invite: may, limits: limits && may ? shownLimits(limits) : null, open, today } };
  },
});
