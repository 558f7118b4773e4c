import { cursorsOf, defineRead, holdersOn, t, wholeModel } from '../../../../../kernel/own-api/index.ts';
import { createParameters } from '../../../../../kernel/resource/parameters.ts';
import { scopeConditions } from '../../../../../kernel/resource/scope.ts';
import { Invitation } from '../../resources/invitation.ts';
import { STATES, invitationType } from '../fields.ts';
import { filters, listInvitations } from '../store.ts';
import { PATH, TAG, permissionTo, represent } from '../subject.ts';

const some = (description: string, maxLength = 255) => t.optional(t.text({ maxLength, description }));

export const paging = {
  limit: t.optional(t.integer({ minimum: 1, maximum: 100, description: 'Items of a page.' }), 20),
  cursor: t.optional(t.text({ maxLength: 1000, description: 'What `next` of the page before said.' })),
};

export const next = t.nullable(t.text({ maxLength: 1000, description: 'The cursor of the next page; null: no more.' }));

/** GET /invitations: the newest first, of those that the caller may view. */
export const listAll = defineRead({
  operationId: 'listInvitations',
  path: PATH,
  tag: TAG,
  summary: 'List invitations',
  access: holdersOn(Invitation, { permissions: [permissionTo('view')] }),
  query: {
    state: t.optional(t.list(t.choice(STATES), { description: 'One or more states.' })),
    created_by: some('The username of the inviter.'),
    flow: some('The slug, or the id, of a flow.'),
    group: t.optional(t.uuid({ description: 'The id of a group that they give.' })),
    recipient: some('An address that they are sent to, or fill in.'),
    q: some('A text in name, message, on_behalf_of, recipients or fixed_data.', 100),
    ...paging,
  },
  responses: { 200: t.object('InvitationList', { items: t.list(invitationType), next }) },
  async handle(ctx, { query, request }) {
    const { limit, cursor, state, q, created_by, flow, group, recipient } = query;
    const cursors = cursorsOf(ctx, JSON.stringify(['invitations', state, q, created_by, flow, group, recipient]));
    const parameters = createParameters();
    const like = q === undefined ? undefined : `%${q.replace(/[\\%_]/g, '\\$&')}%`;
    const wanted: [keyof typeof filters, string | readonly string[] | undefined, string][] = [
      ['state', state, 'text[]'],
      ['created_by', created_by, 'text'],
      ['flow', flow, 'text'],
      ['group', group, 'uuid'],
      ['recipient', recipient, 'text'],
      ['text', like, 'text'],
    ];
    const conditions = [
      ...scopeConditions(ctx, wholeModel(ctx, Invitation), parameters),
      ...wanted.flatMap(([name, value, type]) =>
        value === undefined ? [] : [filters[name](parameters.add(value, type))],
      ),
    ];
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    const rows = await listInvitations(ctx.db, { conditions, parameters, after, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      value: {
        items: shown.map((row) => represent(ctx, row, request)),
        next: last ? cursors.write([last.position, last.id]) : null,
      },
    };
  },
});
