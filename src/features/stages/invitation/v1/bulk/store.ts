import type { Queryable, Transaction } from '../../../../../kernel/db/types.ts';
import type { Parameters } from '../../../../../kernel/resource/parameters.ts';
import { wireTime } from '../../../../../kernel/resource/kinds/scalar.ts';
import type { Json } from '../../../../../kernel/schema/types.ts';
import type { Item } from './csv.ts';

export type ImportRow = {
  readonly id: string;
  readonly owner: number;
  readonly client_ip: string;
  readonly mode: 'each' | 'all';
  readonly dry_run: boolean;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly reason: string | null;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly created: string;
  readonly finished: string | null;
};

export type ItemState = 'waiting' | 'made' | 'valid' | 'failed' | 'undone';

export type ItemRow = {
  readonly position: number;
  readonly line: number | null;
  readonly input: Json;
  readonly state: ItemState;
  readonly invitation: string | null;
  /** Of one that waits: what is wrong with it as it was read. */
  readonly errors: Json;
  readonly secrets: Buffer | null;
};

type NewImport = {
  readonly owner: number;
  readonly clientIp: string;
  readonly mode: string;
  readonly dryRun: boolean;
  readonly items: readonly Item[];
};

/** Keeps what is to be imported; answers its id. */
export async function insertImport(tx: Transaction, made: NewImport): Promise<string> {
  const { owner, clientIp, mode, dryRun, items } = made;
  const [row] = await tx.query<{ id: string }>(
    `with made as (
       insert into invitation_import (owner, client_ip, mode, dry_run, total)
       values ($1, $2, $3, $4, jsonb_array_length($5::jsonb)) returning import_uuid
     ), items as (
       insert into invitation_import_row (import, position, line, input, errors)
       select m.import_uuid, e.n, (e.item ->> 'line')::integer, e.item -> 'input', coalesce(e.item -> 'errors', '[]')
       from made m, jsonb_array_elements($5::jsonb) with ordinality e(item, n)
     ) select import_uuid as id from made`,
    [owner, clientIp, mode, dryRun, JSON.stringify(items)],
  );
  if (!row) throw new Error('The import was not stored.');
  return row.id;
}

/** An import and how far it is. */
export async function findImport(db: Queryable, id: string): Promise<ImportRow | undefined> {
  const [row] = await db.query<ImportRow>(
    `select i.import_uuid as id, i.owner, i.client_ip, i.mode, i.dry_run, i.state, i.reason, i.total,
       greatest(i.progress, count(r.position) filter (where r.state <> 'waiting'))::integer as done,
       (count(r.position) filter (where r.state = 'failed'))::integer as failed,
       ${wireTime('i.created')} as created, ${wireTime('i.finished')} as finished
     from invitation_import i left join invitation_import_row r on r.import = i.import_uuid
     where i.import_uuid = $1 group by i.import_uuid`,
    [id],
  );
  return row;
}

type Part = { readonly after: number; readonly limit: number; readonly waiting?: boolean };

/** Items of an import after a position, in their order. */
export async function listItems(
  db: Queryable,
  id: string,
  { after, limit, waiting = false }: Part,
): Promise<ItemRow[]> {
  return db.query<ItemRow>(
    `select position, line, input, state, invitation, errors, secrets from invitation_import_row
     where import = $1 and position > $2 and (not $3 or state = 'waiting') order by position limit $4`,
    [id, after, waiting, limit],
  );
}

type Outcome = { readonly position: number; readonly state: 'valid' | 'failed'; readonly errors: Json };

const FINISH = `
  update invitation_import_row r set state = o.state, errors = o.errors
  from jsonb_to_recordset($2::jsonb) as o(position integer, state text, errors jsonb)
  where r.import = $1 and r.position = o.position and r.state = 'waiting'`;

/** Keeps what became of items of which nothing was made. */
export async function finishItems(db: Queryable, id: string, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length > 0) await db.query(FINISH, [id, JSON.stringify(outcomes)]);
}

type Taking = {
  readonly id: string;
  readonly position: number;
  readonly invitation: string;
  readonly secrets: Buffer;
};

/** SQL that takes an item for the invitation that the same statement makes of it: a row, if it still waits. */
export function takeItemSql(parameters: Parameters, { id, position, invitation, secrets }: Taking): string {
  return `update invitation_import_row set state = 'made', invitation = ${parameters.add(invitation, 'uuid')},
    secrets = ${parameters.add(secrets, 'bytea')}
    where import = ${parameters.add(id, 'uuid')} and position = ${parameters.add(position, 'integer')}
      and state = 'waiting' returning 1`;
}

/** Keeps other runs of an import out until the end of the transaction; false when one is under way. */
export async function lockImport(tx: Transaction, id: string): Promise<boolean> {
  const text = 'select pg_try_advisory_xact_lock(hashtextextended($1, 7463003)) as locked';
  const [row] = await tx.query<{ locked: boolean }>(text, [id]);
  return row?.locked === true;
}

/** Keeps that the items that did not fail were taken back. */
export async function undoItems(db: Queryable, id: string): Promise<void> {
  await db.query(`update invitation_import_row set state = 'undone' where import = $1 and state = 'waiting'`, [id]);
}

/** Keeps how far an import is; over a shared connection, because the transaction of the rows has one of its own meanwhile. */
export async function noteProgress(db: Queryable, id: string, progress: number): Promise<void> {
  await db.query(
    `update invitation_import set state = 'running', progress = $2, begun = now() where import_uuid = $1`,
    [id, progress],
    { brief: true, changes: true },
  );
}

/** Keeps that an import is over; with a reason when it failed as a whole. */
export async function finishImport(db: Queryable, id: string, reason?: string): Promise<void> {
  await db.query(
    `update invitation_import set state = case when $2::text is null then 'done' else 'failed' end, reason = $2,
       finished = now() where import_uuid = $1`,
    [id, reason ?? null],
  );
}

/** Forgets codes and links a day after the end, or the beginning where there was no end, and imports after 30 days. */
export async function purgeImports(db: Queryable): Promise<void> {
  await db.query(
    `update invitation_import_row r set secrets = null from invitation_import i
     where i.import_uuid = r.import and r.secrets is not null and coalesce(i.finished, i.begun) < now() - interval '1 day'`,
  );
  await db.query(`delete from invitation_import where created < now() - interval '30 days'`);
}
