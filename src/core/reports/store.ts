import type { Parameter, Queryable, Transaction } from '../../kernel/db/types.ts';

/** An export as the work on it sees it. */
export type ExportRow = {
  readonly id: string;
  readonly requested_by: number;
  /** `app_label.model` of what is exported. */
  readonly model: string;
  readonly query_params: Readonly<Record<string, string | readonly string[]>>;
  readonly completed: boolean;
  readonly parts: number;
  /** Of the file, as text: it may be more than a number holds. */
  readonly bytes: string;
};

const COLUMNS = 'id, requested_by, model, query_params, completed, parts, bytes';

/** How many exports of a user are kept. Their later requests wait for this one to be committed. */
export async function countExports(tx: Transaction, userId: number): Promise<number> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('data_export'), $1)`, [userId]);
  const text = 'select count(*)::integer as count from data_export where requested_by = $1';
  const [row] = await tx.query<{ count: number }>(text, [userId]);
  return row?.count ?? 0;
}

/** Stores the request; its id. */
export async function insertExport(
  tx: Transaction,
  made: { readonly userId: number; readonly model: string; readonly query: object },
): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    'insert into data_export (requested_by, model, query_params) values ($1, $2, $3::jsonb) returning id',
    [made.userId, made.model, JSON.stringify(made.query)],
  );
  if (!row) throw new Error('The insert of an export answered no row.');
  return row.id;
}

/** The export, undefined when there is none of that id. */
export async function findExport(db: Queryable, id: string): Promise<ExportRow | undefined> {
  const [row] = await db.query<ExportRow>(`select ${COLUMNS} from data_export where id = $1`, [id]);
  return row;
}

/** The same, kept from being deleted or worked on elsewhere until the transaction ends. */
export async function lockExport(tx: Transaction, id: string): Promise<ExportRow | undefined> {
  const [row] = await tx.query<ExportRow>(`select ${COLUMNS} from data_export where id = $1 for update`, [id]);
  return row;
}

/** Deletes an export with its file. */
export async function deleteExport(tx: Transaction, id: string): Promise<void> {
  await tx.query('delete from data_export where id = $1', [id]);
}

/** Stores a part of the file; parts are numbered from 0. */
export async function insertPart(
  tx: Transaction,
  part: { readonly export: string; readonly number: number; readonly body: Buffer },
): Promise<void> {
  const text = 'insert into data_export_part (export, number, body) values ($1, $2, $3)';
  await tx.query(text, [part.export, part.number, part.body]);
}

/** One part of the file; undefined when the export was deleted. */
export async function findPart(db: Queryable, id: string, number: number): Promise<Buffer | undefined> {
  const text = 'select body from data_export_part where export = $1 and number = $2';
  const [row] = await db.query<{ body: Buffer }>(text, [id, number]);
  return row?.body;
}

/** Makes the file known to be whole. */
export async function completeExport(
  tx: Transaction,
  done: { readonly id: string; readonly parts: number; readonly bytes: number },
): Promise<void> {
  const text = 'update data_export set completed = true, parts = $2, bytes = $3 where id = $1';
  await tx.query(text, [done.id, done.parts, done.bytes]);
}

/** Whether a list has more rows than that. */
export async function isLonger(
  db: Queryable,
  list: { readonly clause: string; readonly values: readonly Parameter[] },
  rows: number,
): Promise<boolean> {
  const text = `select count(*)::integer as count from (select 1 ${list.clause} limit ${rows + 1}) c`;
  const [row] = await db.query<{ count: number }>(text, list.values, { prepare: false });
  return (row?.count ?? 0) > rows;
}

/** The values of a statement's rows, texts of JSON, in batches: a cursor reads one state of the data, however long it takes. */
export async function* fetchRows(
  tx: Transaction,
  statement: { readonly text: string; readonly values: readonly Parameter[] },
  batch: number,
): AsyncGenerator<string[]> {
  await tx.query(`declare exported no scroll cursor for ${statement.text}`, statement.values, { prepare: false });
  for (;;) {
    const rows = await tx.query<{ value: string }>(`fetch ${batch} from exported`, [], { prepare: false });
    if (rows.length > 0) yield rows.map(({ value }) => value);
    if (rows.length < batch) return;
  }
}

/** Deletes exports that are older than so many days, with their files. */
export async function purge(db: Queryable, days: number): Promise<void> {
  await db.query('delete from data_export where requested_on < now() - make_interval(days => $1)', [days]);
}
