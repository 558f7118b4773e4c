import type { Context } from '../../../kernel/context.ts';
import type { HttpRequest, Reply } from '../../../kernel/http/message.ts';
import { evaluatePolicies } from '../../policies/index.ts';
import { saveSession } from '../../sessions/index.ts';
import type { Session } from '../../sessions/index.ts';
import { findBrand } from '../brand.ts';
import { localTarget } from '../next-url.ts';
import { redirectReply } from '../page/headers.ts';
import { pageRoute } from '../page/page-route.ts';
import { showError } from '../page/show.ts';
import { planOf, withoutPlan } from '../session-state.ts';
import { findFlow, listFlows } from '../store.ts';
import type { FlowRow } from '../store.ts';
import { cookiesOf, sessionOf, visitorContext } from '../visit.ts';
import type { Caller } from '../visit.ts';

const DESIGNATIONS = ['authentication', 'invalidation', 'recovery', 'enrollment', 'unenrollment'];

/** What the contract gives to brands: the other designations go by slug alone. */
const OF_BRANDS = ['authentication', 'invalidation'];

async function findOfBrand({ ctx, request }: Caller, designation: string): Promise<FlowRow | undefined> {
  if (!OF_BRANDS.includes(designation)) return undefined;
  const slug = (await findBrand(ctx, request)).flows[designation];
  return slug === undefined ? undefined : findFlow(ctx.db, slug);
}

/** The brand's flow, else the first by slug whose policies pass for the caller (contract part 2, section 2). */
async function findDefault(caller: Caller, session: Session, designation: string): Promise<FlowRow | undefined> {
  if (!DESIGNATIONS.includes(designation)) return undefined;
  const { ctx } = caller;
  const chosen = await findOfBrand(caller, designation);
  if (chosen) return chosen;
  for (const flow of await listFlows(ctx.db, designation)) {
    const request = { ctx, userId: session.user?.id, context: {} };
    const question = { target: flow.pbm_uuid, mode: flow.policy_engine_mode, request };
    if ((await evaluatePolicies(question)).passing) return flow;
  }
  return undefined;
}

async function dropPlan(ctx: Context, request: HttpRequest, session: Session): Promise<Session> {
  // Who only looks at the head changes nothing (T04).
  if (request.method === 'HEAD') return session;
  if (!session.uuid || !planOf(session.state)) return session;
  const visitor = visitorContext(ctx, request);
  return saveSession(visitor, ctx.db, { session, change: { state: withoutPlan(session.state) } });
}

/** `/flows/-/default/{designation}/`: leads to the flow, with the query string it came with. */
export const defaultFlow = pageRoute({
  methods: ['GET'],
  path: '/flows/-/default/{designation}/',
  async handle(ctx, request): Promise<Reply> {
    const visit = { ctx: visitorContext(ctx, request), request };
    const session = await sessionOf(visit);
    const flow = await findDefault(visit, session, request.params['designation'] ?? '');
    if (!flow) return showError(ctx, request, { status: 404, kind: 'not-found' });
    const stale = planOf(session.state)?.flow !== flow.flow_uuid;
    const left = stale ? await dropPlan(ctx, request, session) : session;
    const query = request.query.toString();
    return redirectReply(`/if/flow/${flow.slug}/${query && `?${query}`}`, 302, cookiesOf(visit, left));
  },
});

/** `/flows/-/cancel/`: drops the plan and goes to `next`, else to the default invalidation flow. */
export const cancelFlow = pageRoute({
  methods: ['GET'],
  path: '/flows/-/cancel/',
  async handle(ctx, request): Promise<Reply> {
    const session = await dropPlan(ctx, request, await sessionOf({ ctx: visitorContext(ctx, request), request }));
    const next = localTarget(request.query.get('next') ?? '');
    const cookies = cookiesOf({ ctx: visitorContext(ctx, request), request }, session);
    return redirectReply(next ?? '/flows/-/default/invalidation/', 302, cookies);
  },
});
