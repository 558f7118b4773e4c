import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Actor } from '../../kernel/authz/actor.ts';
import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { defineTask } from '../../kernel/tasks/task.ts';
import { eventUser } from '../../kernel/events/event-user.ts';
import { findActor } from '../tokens/index.ts';
import { lineOf } from './csv.ts';
import { chosenRows, columnsOf, valuesOf, viewPermissionOf } from './exporting.ts';
import * as store from './store.ts';
import type { ExportRow } from './store.ts';

export const REPORTS_APP = 'vestibule.reports';

/** Rows of one part of a file: one to two megabytes before they are compressed. */
const ROWS_OF_A_PART = 2_000;
const KEPT_DAYS = 7;

const compress = promisify(gzip);

async function writeFile(ctx: Context, tx: Transaction, of: { wanted: ExportRow; actor: Actor }): Promise<void> {
  const { wanted, actor } = of;
  const { model, clause, order, values } = await chosenRows(ctx, actor, wanted);
  const columns = columnsOf(model.fields);
  const file = { id: wanted.id, parts: 0, bytes: 0 };
  const write = async (text: string): Promise<void> => {
    const raw = Buffer.from(text);
    await store.insertPart(tx, { export: wanted.id, number: file.parts, body: await compress(raw) });
    file.parts += 1;
    file.bytes += raw.length;
  };
  await write(lineOf(columns));
  const constants = { config: ctx.config, actor };
  const text = model.show(`${clause} order by ${order}`);
  for await (const rows of store.fetchRows(tx, { text, values }, ROWS_OF_A_PART)) {
    await write(rows.map((value) => lineOf(valuesOf(model, { value, columns }, constants))).join(''));
  }
  await store.completeExport(tx, file);
}

async function makeExport(ctx: Context, tx: Transaction, id: string): Promise<void> {
  const wanted = await store.lockExport(tx, id);
  if (!wanted || wanted.completed) return;
  const actor = await findActor(tx, wanted.requested_by);
  // Whoever lost the right meanwhile gets nothing, and the request goes.
  if (!actor?.can(viewPermissionOf(wanted.model))) return store.deleteExport(tx, id);
  await writeFile(ctx, tx, { wanted, actor });
  await ctx.events.record(tx, {
    action: 'export_ready',
    app: REPORTS_APP,
    context: { export: { pk: id, model: wanted.model, query_params: wanted.query_params } },
    user: eventUser(actor),
  });
}

/** Makes the file of an export, in one transaction: a file is whole or not there. */
export const writeExport = defineTask({
  name: 'reports.write',
  async run(ctx, payload) {
    if (typeof payload !== 'string') throw new TypeError('The payload is the id of an export.');
    await ctx.db.transaction((tx) => makeExport(ctx, tx, payload));
  },
});

/** Deletes exports after a week: they are copies of data whose own time may be over. */
export const purgeExports = defineTask({
  name: 'reports.purge',
  schedule: '41 * * * *',
  run: ({ db }) => store.purge(db, KEPT_DAYS),
});
