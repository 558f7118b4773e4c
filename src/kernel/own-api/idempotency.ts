import type { RequestContext } from '../context.ts';
import type { Transaction } from '../db/types.ts';
import type { HttpRequest, Reply } from '../http/message.ts';
import type { JsonObject } from '../schema/types.ts';
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

type FormSent = {
  /** A form as it was shown; it may come from who likes. */
  readonly form: string;
  /** What was filled in. */
  readonly said: string;
};

/**
 * Does what a page's form asks for once, however often the form is sent as it is: by a double click, or a page that is
 * loaded again. Who is second waits and gets what the first got. Out: with whether it was done before.
 */
export async function onceByForm<T extends JsonObject>(
  { ctx, tx }: { ctx: RequestContext; tx: Transaction },
  { form, said }: FormSent,
  run: () => Promise<T>,
): Promise<{ readonly value: T; readonly isRepeated: boolean }> {
  // No Idempotency-Key has a space.
  const place = { owner: ctx.actor?.id ?? 0, key: `form ${ctx.vault.fingerprint(form, PURPOSE)}` };
  const fingerprint = ctx.vault.fingerprint(said, PURPOSE);
  await store.waitForKey(tx, place);
  const kept = await store.findAnswer(tx, place);
  const before = kept && ctx.vault.sameText(kept.fingerprint, fingerprint) && ctx.vault.open(kept.body, PURPOSE);
  if (before) return { value: JSON.parse(before.toString('utf8')), isRepeated: true };
  const value = await run();
  const body = ctx.vault.seal(JSON.stringify(value), PURPOSE);
  await store.keepAnswer(tx, place, { fingerprint, status: 200, headers: {}, body });
  return { value, isRepeated: false };
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
