import type { RequestContext } from '../../../../kernel/context.ts';
import { t, wholeModel } from '../../../../kernel/own-api/index.ts';
import type { ValueOf } from '../../../../kernel/own-api/index.ts';
import { createParameters } from '../../../../kernel/resource/parameters.ts';
import type { Parameters } from '../../../../kernel/resource/parameters.ts';
import { scopeConditions } from '../../../../kernel/resource/scope.ts';
import { mayInvite } from '../inviters/limits.ts';
import { Invitation } from '../resources/invitation.ts';
import { STATES } from './fields.ts';
import { filters } from './store.ts';

const some = (description: string, maxLength = 255) => t.optional(t.text({ maxLength, description }));

/** The query parameters that say which invitations are meant. */
export const criteria = {
  state: t.optional(t.list(t.choice(STATES), { description: 'One or more states.' })),
  created_by: some('The username of the inviter.'),
  flow: some('The slug, or the id, of a flow.'),
  group: t.optional(t.uuid({ description: 'The id of a group that they give.' })),
  recipient: some('An address that they are sent to, or fill in.'),
  mine: t.optional(t.boolean({ description: 'Only those that the caller made.' }), false),
  q: some('A text in name, message, on_behalf_of, recipients or fixed_data.', 100),
};

type Criteria = { readonly [K in keyof typeof criteria]: ValueOf<(typeof criteria)[K]> };

const own = ({ actor }: RequestContext, parameters: Parameters): string =>
  filters.maker(parameters.add(actor?.id ?? null, 'integer'));

/** What the caller may view; who may invite within limits sees what they made themselves as well, and nothing else. */
function visible(ctx: RequestContext, parameters: Parameters): string[] {
  const scope = scopeConditions(ctx, wholeModel(ctx, Invitation), parameters);
  if (scope.length === 0 || !mayInvite(ctx)) return scope;
  return [`(${own(ctx, parameters)} or (${scope.join(' and ')}))`];
}

/** Conditions over alias t of the invitations that are meant and that the caller may view, with their values. */
export function conditionsOf(
  ctx: RequestContext,
  { state, q, created_by, flow, group, recipient, mine }: Criteria,
): { readonly conditions: string[]; readonly parameters: Parameters; readonly scope: string } {
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
    ...visible(ctx, parameters),
    ...(mine ? [own(ctx, parameters)] : []),
    ...wanted.flatMap(([name, value, type]) =>
      value === undefined ? [] : [filters[name](parameters.add(value, type))],
    ),
  ];
  return {
    conditions,
    parameters,
    scope: JSON.stringify(['invitations', state, q, created_by, flow, group, recipient, mine]),
  };
}

/** The same for those that the caller made: their page lists them, also to who may make invitations but view none. */
export function conditionsOfOwn(ctx: RequestContext): ReturnType<typeof conditionsOf> {
  const parameters = createParameters();
  return { conditions: [own(ctx, parameters)], parameters, scope: JSON.stringify(['own invitations']) };
}
