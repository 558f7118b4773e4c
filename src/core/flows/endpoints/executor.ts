import type { RequestContext } from '../../../kernel/context.ts';
import { ApiError, ValidationError } from '../../../kernel/errors/api-error.ts';
import { readJsonBody } from '../../../kernel/http/body.ts';
import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import { reply } from '../../../kernel/http/message.ts';
import type { DirectReply, HttpRequest } from '../../../kernel/http/message.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { onBackground, startFindBrand } from '../brand.ts';
import { ChallengeTypes, FlowChallengeResponse } from '../challenge-shapes.ts';
import { findFlowAhead, standingOf } from '../step-ahead.ts';
import { checkSameSite, cookiesOf, isUnaskedSignOut, sessionOf, stepFlow, visitorContext } from '../visit.ts';

const PARAMETERS = {
  params: { flow_slug: f.string() },
  query: { query: f.string({ description: 'Querystring as received', blank: true, required: true }) },
};

/** The answer to a stage: a JSON object within the limits of contract D16. */
async function readReply(request: HttpRequest): Promise<JsonObject> {
  const { value, problems } = await readJsonBody(request);
  if (problems.length > 0) {
    const faults = problems.map(({ path, message }) => [String(path[0] ?? 'non_field_errors'), [message]]);
    throw new ValidationError(Object.fromEntries(faults));
  }
  if (isJsonObject(value)) return value;
  throw new ValidationError({ non_field_errors: ['Invalid data. Expected a dictionary.'] });
}

/** One step of the executor for the API: a challenge, or 302 to the same URL when the stage is passed (D13). */
async function answer(ctx: RequestContext, request: HttpRequest, withReply: boolean): Promise<DirectReply> {
  const slug = request.params['flow_slug'] ?? '';
  const standing = standingOf(ctx, await sessionOf({ ctx, request }), slug);
  const brand =
    withReply || standing?.stage?.challengeComponent === undefined ? undefined : startFindBrand(ctx, request);
  const found = await findFlowAhead(ctx.db, slug, standing);
  if (!found) throw new ApiError(404, { detail: 'No Flow matches the given query.' });
  const visit = {
    ctx: visitorContext(ctx, request),
    request,
    flow: found.flow,
    ahead: found.ahead,
    query: request.query.get('query') ?? '',
    outerNext: request.query.get('next') ?? undefined,
  };
  if (withReply) checkSameSite(visit);
  const body = withReply ? await readReply(request) : undefined;
  const session = await sessionOf(visit);
  // HEAD runs no stage (contract part 2, 1.3).
  if (request.method === 'HEAD') return reply({ status: 200, headers: { 'content-type': 'application/json' } });
  if (isUnaskedSignOut(visit, session)) throw new ApiError(403, { detail: 'Cross-site requests are not allowed.' });
  const step = await stepFlow({ ...visit, reply: body }, session);
  const cookies = cookiesOf(visit, step.session);
  if (step.kind === 'challenge')
    return reply({ json: await onBackground(ctx, { ...visit, brand }, step.body), cookies });
  const query = request.query.toString();
  return reply({ redirect: `${request.path}${query && `?${query}`}`, cookies });
}

/** The current stage's challenge. */
export const executorGet = defineEndpoint({
  method: 'GET',
  path: '/flows/executor/{flow_slug}/',
  operationId: 'flows_executor_get',
  description: 'Get the next pending challenge from the currently active flow.',
  permission: 'public',
  ...PARAMETERS,
  responses: { 200: ChallengeTypes },
  handle: (ctx, { request }) => answer(ctx, request, false),
});

/** An answer to the current stage. */
export const executorSolve = defineEndpoint({
  method: 'POST',
  path: '/flows/executor/{flow_slug}/',
  operationId: 'flows_executor_solve',
  description: 'Solve the previously retrieved challenge and advanced to the next stage.',
  permission: 'public',
  ...PARAMETERS,
  bodyUnion: FlowChallengeResponse,
  responses: { 200: ChallengeTypes },
  handle: (ctx, { request }) => answer(ctx, request, true),
});
