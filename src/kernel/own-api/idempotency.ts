import type { RequestContext } from '../context.ts';
import type { Transaction } from '../db/types.ts';
import type { HttpRequest, Reply } from '../http/message.ts';
import { defineTask } from '../tasks/task.ts';
import { Problem, problems } from './problem.ts';
import * as store from './store.ts';

const PURPOSE = 'idempotent answer';
const KEY = /^[\x21-\x7e]{1,255}$/;
const HEADER = 'idempotency-key';

/** The Idempotency-Key of a request, if it has one. Throws 422 for one that cannot be. */
export function keyOf({ method, headers }: HttpRequest): string | undefined {
  const key = headers[HEADER];
  if (method !== 'POST' || key === undefined) return undefined;
  if (typeof key === 'string' && KEY.test(key)) return key;
  const detail = 'This takes 1 to 255 printable ASCII characters without spaces.';
  throw new Problem(problems.invalidFields, { errors: [{ parameter: 'Idempotency-Key', code: 'wrong_form', detail }] });
}

/**
 * Runs a change under its Idempotency-Key: the first time it is done and its answer kept in its transaction, after that
 * the kept answer is given. What failed is not kept, since nothing happened.
 */
export async function once(
  { ctx, tx, request }: { ctx: RequestContext; tx: Transaction; request: HttpRequest },
  key: string,
  run: () => Promise<Reply>,
): Promise<Reply> {
  const place = { owner: ctx.actor?.id ?? 0, key };
  if (!(await store.lockKey(tx, place))) throw new Problem(problems.keyInUse, { headers: { 'retry-after': '1' } });
  const fingerprint = await fingerprintOf(ctx, request);
  const kept = await store.findAnswer(tx, place);
  if (kept) return repeat(ctx, kept, fingerprint);
  const reply = await run();
  const headers = { ...reply.headers };
  const texts = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const body = ctx.vault.seal(reply.body ?? '', PURPOSE);
  await store.keepAnswer(tx, place, { fingerprint, status: reply.status, headers: Object.fromEntries(texts), body });
  return reply;
}

function repeat(ctx: RequestContext, kept: store.KeptAnswer, fingerprint: string): Reply {
  if (!ctx.vault.sameText(kept.fingerprint, fingerprint)) throw new Problem(problems.keyReused);
  const body = ctx.vault.open(kept.body, PURPOSE);
  // Sealed with another secret key: nobody can tell any more what was answered.
  if (!body)
    throw new Problem(problems.conflict, { detail: 'The answer to the first request cannot be read any more.' });
  const headers = { ...kept.headers, 'idempotency-replayed': 'true' };
  return { status: kept.status, headers, ...(body.length === 0 ? {} : { body }) };
}

// Keyed, because a body may hold what must not be guessed from a hash.
async function fingerprintOf({ vault }: RequestContext, request: HttpRequest): Promise<string> {
  const { method, path, query, headers } = request;
  const bytes = await request.body();
  const head = JSON.stringify([method, path, query.toString(), headers['content-type'] ?? '']);
  return vault.fingerprint(`${head}\n${bytes.toString('base64')}`, PURPOSE);
}

/** Forgets the answers of yesterday. */
export const purgeAnswers = defineTask({
  name: 'idempotency.purge',
  schedule: '23 * * * *',
  async run({ db }) {
    await store.purgeAnswers(db);
  },
});
