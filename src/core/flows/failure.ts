import { hex } from '../../kernel/schema/uuid.ts';
import { HashingBusy } from '../../kernel/crypto/passwords.ts';
import { DatabaseFull, DatabaseUnavailable, errorCode } from '../../kernel/db/errors.ts';
import { ApiError } from '../../kernel/errors/api-error.ts';
import { eventUser } from '../../kernel/events/event-user.ts';
import { flowError } from './challenges.ts';
import { answerChallenge } from './run.ts';
import type { FlowAnswer, Run } from './run.ts';

// What a limit or a service that is away answers is no fault of the flow.
const REFUSALS = [HashingBusy, DatabaseUnavailable, DatabaseFull];
const isRefusal = (error: unknown): boolean =>
  REFUSALS.some((refusal) => error instanceof refusal) ||
  (error instanceof ApiError && [429, 503].includes(error.status));

// The messages of the database quote what was sent, passwords among it; their codes do not.
const SQL_STATE = /^[0-9A-Z]{5}$/;

function messageOf(error: unknown): string {
  const code = errorCode(error);
  if (code !== undefined && SQL_STATE.test(code)) return `The database refused a statement (${code}).`;
  return error instanceof Error ? error.message : 'unknown';
}

/** An unexpected error in a stage (contract part 2, section 9): event, log line, 200 with the request's id. */
export async function failFlow(run: Run, error: unknown): Promise<FlowAnswer> {
  if (isRefusal(error)) throw error;
  const { ctx, flow } = run.request;
  const { user } = run.session;
  ctx.log.error('flow failed', { flow: flow.slug, requestId: ctx.requestId, error });
  const message = messageOf(error);
  await ctx.db.transaction((tx) =>
    ctx.events.record(tx, {
      action: 'system_exception',
      app: 'vestibule.flows',
      context: { message, request_id: ctx.requestId, flow: { pk: hex(flow.flow_uuid), slug: flow.slug } },
      user: user && eventUser(user),
      clientIp: ctx.clientIp,
    }),
  );
  const detail =
    user?.isSuperuser && error instanceof Error ? { error: error.message, traceback: error.stack ?? '' } : undefined;
  return answerChallenge(run, flowError(ctx.requestId, detail));
}
