import type { Queryable, Transaction } from '../../kernel/db/types.ts';
import { wireTime } from '../../kernel/resource/kinds/scalar.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';

export type WebhookRow = {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly created_by: JsonObject | null;
  readonly created: string;
  readonly changed: string;
  readonly position: string;
};

const SHOWN = `
  select w.webhook_uuid as id, w.url, w.description, w.events, w.active, ${wireTime('w.created')} as created,
    ${wireTime('w.changed')} as changed, w.created::text as position,
    (select json_build_object('id', u.id, 'username', u.username) from users u where u.id = w.created_by) as created_by
  from webhook w`;

/** A webhook by its id; with `lock` nobody else changes it until the end of the transaction. */
export async function findWebhook(db: Queryable, id: string, lock = false): Promise<WebhookRow | undefined> {
  const [row] = await db.query<WebhookRow>(`${SHOWN} where w.webhook_uuid = $1${lock ? ' for update of w' : ''}`, [id]);
  return row;
}

type Page = { readonly after: readonly string[] | undefined; readonly limit: number };

/** Webhooks, the newest first. */
export function listWebhooks(db: Queryable, { after, limit }: Page): Promise<WebhookRow[]> {
  const [created = null, id = null] = after ?? [];
  return db.query<WebhookRow>(
    `${SHOWN} where $1::timestamptz is null or (w.created, w.webhook_uuid) < ($1::timestamptz, $2::uuid)
     order by w.created desc, w.webhook_uuid desc limit $3`,
    [created, id, limit],
  );
}

export type Wanted = {
  readonly url: string;
  readonly description: string;
  readonly events: readonly string[];
  readonly sources: readonly string[];
  readonly active: boolean;
};

/** Makes a webhook; answers its id. */
export async function insertWebhook(
  tx: Transaction,
  { url, description, events, sources, active }: Wanted,
  { secret, createdBy }: { readonly secret: Buffer; readonly createdBy: number | null },
): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into webhook (url, description, events, sources, active, secret, created_by)
     values ($1, $2, $3::text[], $4::text[], $5, $6, $7) returning webhook_uuid as id`,
    [url, description, [...events], [...sources], active, secret, createdBy],
  );
  if (!row) throw new Error('The webhook was not stored.');
  return row.id;
}

/** Changes all of a webhook but its secret. */
export async function updateWebhook(tx: Transaction, id: string, wanted: Wanted): Promise<void> {
  const { url, description, events, sources, active } = wanted;
  await tx.query(
    `update webhook set url = $2, description = $3, events = $4::text[], sources = $5::text[], active = $6, changed = now()
     where webhook_uuid = $1`,
    [id, url, description, [...events], [...sources], active],
  );
}

/** Removes a webhook with its deliveries. */
export async function deleteWebhook(tx: Transaction, id: string): Promise<void> {
  await tx.query('delete from webhook where webhook_uuid = $1', [id]);
}

/** Switches a webhook off. */
export async function deactivate(tx: Transaction, id: string): Promise<void> {
  await tx.query('update webhook set active = false, changed = now() where webhook_uuid = $1', [id]);
}

/** Puts a new secret in place; the one before is good for `hours` more. */
export async function replaceSecret(
  tx: Transaction,
  id: string,
  { secret, hours }: { readonly secret: Buffer; readonly hours: number },
): Promise<void> {
  await tx.query(
    `update webhook set old_secret = secret, old_secret_until = now() + make_interval(hours => $3), secret = $2,
       changed = now() where webhook_uuid = $1`,
    [id, secret, hours],
  );
}

/** Forgets secrets that were replaced and whose time is over. */
export async function forgetSecrets(db: Queryable): Promise<void> {
  await db.query('update webhook set old_secret = null, old_secret_until = null where old_secret_until < now()');
}
