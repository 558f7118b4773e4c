import { ApiError } from '../../../kernel/errors/api-error.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { reply } from '../../../kernel/http/message.ts';
import { saveSession } from '../../sessions/index.ts';
import { baseUrl } from '../base-url.ts';
import { pendingUser } from '../plan.ts';
import { planFlow } from '../planner.ts';
import { Flow } from '../resources/flow.ts';
import { withPlan } from '../session-state.ts';
import { findFlow } from '../store.ts';
import { cookiesOf, sessionOf } from '../visit.ts';

export const Link = defineShape('Link', { link: f.string() }, { description: 'Returns a single link' });

/**
 * Plans the flow for the caller, cache bypassed, and leaves the plan in the caller's session (contract part 2,
 * section 2): a token client keeps the cookie and follows the link.
 */
export const execute = defineEndpoint({
  on: Flow,
  method: 'GET',
  path: 'execute/',
  operationId: 'flows_instances_execute_retrieve',
  permission: 'authentik_flows.view_flow',
  responses: { 200: Link, 400: null },
  async handle(ctx, { object, request }) {
    const { actor } = ctx;
    const flow = await findFlow(ctx.db, String(object['slug']));
    if (!flow || !actor) throw new ApiError(404, { detail: 'Not found.' });
    const link = `${baseUrl(ctx, request)}/if/flow/${flow.slug}/`;
    const session = await sessionOf({ ctx, request });
    const user = session.user ?? { ...actor, name: '', uid: '', type: '' };
    const context = { [pendingUser.name]: actor.id };
    const planned = await planFlow({ ctx, flow, user, context, link: {}, useCache: false });
    if (planned.kind === 'not_applicable') {
      throw new ApiError(400, { non_field_errors: [planned.messages.join('\n') || 'Flow not applicable to user'] });
    }
    // Who only looks at the head changes nothing (T04).
    if (request.method === 'HEAD') return reply({ json: { link } });
    const state = withPlan(session.state, planned.plan);
    const saved = await saveSession(ctx, ctx.db, { session, change: { state } });
    return reply({ json: { link }, cookies: cookiesOf({ ctx, request }, saved) });
  },
});
