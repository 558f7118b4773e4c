import { defineRead, holdersOn, t, wholeModel } from '../../../../../kernel/own-api/index.ts';
import { createParameters } from '../../../../../kernel/resource/parameters.ts';
import { scopeConditions } from '../../../../../kernel/resource/scope.ts';
import { Invitation } from '../../resources/invitation.ts';
import { filters } from '../store.ts';
import { TAG, permissionTo } from '../subject.ts';
import { countInvitations } from './store.ts';

const figures = {
  created: t.integer({ description: 'Invitations made.' }),
  sent: t.integer({ description: 'Of these, sent by mail.' }),
  opened: t.integer({ description: 'Of these, those whose first page was opened and its button pressed.' }),
  used: t.integer({ description: 'Of these, used at least once.' }),
  uses: t.integer({ description: 'How often they were used.' }),
  median_seconds_to_use: t.nullable(
    t.number({ description: 'From the sending, or the making, to the first use: half took less.' }),
  ),
} as const;

const statistics = t.object('InvitationStatistics', {
  all: t.object('InvitationFigures', figures),
  by_flow: t.list(t.object('InvitationFlowFigures', { flow: t.nullable(t.text({ maxLength: 50 })), ...figures })),
  by_week: t.list(
    t.object('InvitationWeekFigures', {
      week: t.text({ maxLength: 10, description: 'Its Monday (UTC).' }),
      ...figures,
    }),
  ),
});

/** GET /invitation-statistics */
export const readStatistics = defineRead({
  operationId: 'readInvitationStatistics',
  path: '/invitation-statistics',
  tag: TAG,
  summary: 'Figures of invitations',
  description: 'Of the invitations made in a time that the caller may view, also of those that have ended.',
  access: holdersOn(Invitation, { permissions: [permissionTo('view')] }),
  query: {
    from: t.optional(t.dateTime({ description: 'Made then or later.' })),
    to: t.optional(t.dateTime({ description: 'Made before.' })),
    flow: t.optional(t.text({ maxLength: 100, description: 'The slug, or the id, of a flow.' })),
  },
  responses: { 200: statistics },
  async handle(ctx, { query: { from, to, flow } }) {
    const parameters = createParameters();
    const conditions = [
      ...scopeConditions(ctx, wholeModel(ctx, Invitation), parameters),
      ...(from === undefined ? [] : [filters.from(parameters.add(from, 'timestamptz'))]),
      ...(to === undefined ? [] : [filters.to(parameters.add(to, 'timestamptz'))]),
      ...(flow === undefined ? [] : [filters.flow(parameters.add(flow, 'text'))]),
    ];
    const rows = await countInvitations(ctx.db, { conditions, parameters });
    const of = (kind: string) => rows.filter((row) => row.kind === kind);
    return { value: { all: of('all')[0], by_flow: of('flow'), by_week: of('week') } };
  },
});
