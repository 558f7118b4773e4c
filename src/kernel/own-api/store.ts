import type { Queryable, Transaction } from '../db/types.ts';

/** The answer to a request, as it is kept. */
export type KeptAnswer = {
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

export type AnswerKey = { readonly owner: number; readonly key: string };

/** Keeps others with the same key out until the end of the transaction; false when one is under way. */
export async function lockKey(tx: Transaction, { owner, key }: AnswerKey): Promise<boolean> {
  const text = `select pg_try_advisory_xact_lock(hashtextextended($1, 7463002)) as locked`;
  const [row] = await tx.query<{ locked: boolean }>(text, [`${owner} ${key}`]);
  return row?.locked === true;
}

/** Keeps others with the same key out until the end of the transaction, and waits for one that is under way. */
export async function waitForKey(tx: Transaction, { owner, key }: AnswerKey): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 7463002))', [`${owner} ${key}`]);
}

/** The answer that was kept less than a day ago. */
export async function findAnswer(tx: Transaction, { owner, key }: AnswerKey): Promise<KeptAnswer | undefined> {
  const text = `select fingerprint, status, headers, body from idempotent_answer
    where owner = $1 and key = $2 and created > now() - interval '24 hours'`;
  const [row] = await tx.query<KeptAnswer>(text, [owner, key]);
  return row;
}

/** Keeps an answer; one that is too old makes room. */
export async function keepAnswer(tx: Transaction, { owner, key }: AnswerKey, answer: KeptAnswer): Promise<void> {
  const { fingerprint, status, headers, body } = answer;
  await tx.query(
    `insert into idempotent_answer (owner, key, fingerprint, status, headers, body)
     values ($1, $2, $3, $4, $5::jsonb, $6)
     on conflict (owner, key) do update set fingerprint = excluded.fingerprint, status = excluded.status,
       headers = excluded.headers, body = excluded.body, created = now()`,
    [owner, key, fingerprint, status, JSON.stringify(headers), body],
  );
}

/** Forgets answers that are a day old. Out: how many. */
export async function purgeAnswers(db: Queryable): Promise<number> {
  const rows = await db.query(`delete from idempotent_answer where created < now() - interval '24 hours' returning 1`);
  return rows.length;
}

const ADD = `
  insert into api_quota as q (key, minute, count)
  select j ->> 'key', $2, (j ->> 'count')::integer from jsonb_array_elements($1::jsonb) j order by j ->> 'key'
  on conflict (key) do update set minute = excluded.minute,
    count = case when q.minute = excluded.minute then q.count else 0 end + excluded.count
  where q.minute <= excluded.minute
  returning key, count`;

type Added = { readonly key: string; readonly count: number };

/** Adds requests to those of a minute. Out: how many there are now, by key; none for a minute that is over. */
export async function addToQuotas(
  db: Queryable,
  minute: number,
  rows: readonly Added[],
): Promise<ReadonlyMap<string, number>> {
  const found = await db.query<Added>(ADD, [JSON.stringify(rows), minute]);
  return new Map(found.map(({ key, count }) => [key, count]));
}

/** Forgets clients that have asked nothing for some minutes. */
export async function purgeQuotas(db: Queryable, minute: number): Promise<void> {
  await db.query('delete from api_quota where minute < $1', [minute]);
}
