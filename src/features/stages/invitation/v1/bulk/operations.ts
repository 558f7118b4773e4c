import type { RequestContext } from '../../../../../kernel/context.ts';
import type { HttpRequest } from '../../../../../kernel/http/message.ts';
import {
  OWN_API,
  Problem,
  defineChange,
  defineRead,
  etagOf,
  holders,
  invalidFields,
  pageType,
  paging,
  problems,
  readPage,
  t,
} from '../../../../../kernel/own-api/index.ts';
import type { Subject } from '../../../../../kernel/own-api/index.ts';
import { JsonError, parseJson } from '../../../../../kernel/schema/json.ts';
import { isJsonObject } from '../../../../../kernel/schema/types.ts';
import type { Json } from '../../../../../kernel/schema/types.ts';
import { enqueue } from '../../../../../kernel/tasks/task.ts';
import { FACTS, newInvitation } from '../fields.ts';
import { linkOf } from '../link.ts';
import { findInvitations } from '../store.ts';
import type { InvitationRow } from '../store.ts';
import { permissionTo } from '../subject.ts';
import { readCsv, writeCsv } from './csv.ts';
import type { Item } from './csv.ts';
import { PURPOSE, importInvitations } from './run.ts';
import * as store from './store.ts';
import type { ImportRow, ItemRow } from './store.ts';

const TAG = 'imports';
const PATH = '/invitation-imports';
const ONE = `${PATH}/{id}`;
const MAX_ITEMS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;
const CSV = 'text/csv';

const importType = t.object('InvitationImport', {
  id: t.uuid(),
  state: t.choice(['waiting', 'running', 'done', 'failed']),
  reason: t.nullable(t.text({ maxLength: 500, description: 'Why it failed as a whole.' })),
  mode: t.choice(['each', 'all']),
  dry_run: t.boolean(),
  total: t.integer({ description: 'Rows.' }),
  done: t.integer({ description: 'Rows that were looked at.' }),
  failed: t.integer({ description: 'Rows with a problem.' }),
  created: t.dateTime(),
  finished: t.nullable(t.dateTime()),
});

const problemOfItem = t.object('ImportProblem', {
  pointer: t.text({ maxLength: 1000, description: 'The place in the row.' }),
  column: t.nullable(t.text({ maxLength: 1000, description: 'The field, or the column of the CSV.' })),
  code: t.text({ maxLength: 100 }),
  detail: t.text({ maxLength: 1000 }),
});

const itemType = t.object('InvitationImportRow', {
  row: t.integer({ description: 'From 1.' }),
  line: t.nullable(t.integer({ description: 'Of the CSV.' })),
  state: t.choice(['waiting', 'made', 'valid', 'failed', 'undone']),
  invitation: t.nullable(t.uuid()),
  link: t.nullable(t.text({ maxLength: 4000, description: 'Of a row that was made, for a day.' })),
  code: t.nullable(t.text({ maxLength: 20, description: 'Of a row that was made, for a day.' })),
  errors: t.list(problemOfItem),
});

// Nobody else's: its rows hold links and codes.
const imported: Subject<ImportRow> = {
  type: importType,
  async load({ actor }, { db, params }) {
    const found = await store.findImport(db, params['id'] ?? '');
    return found && found.owner === actor?.id ? found : undefined;
  },
  represent: (_ctx, row) => row,
};

const access = holders(permissionTo('add'));

/**
 * What a row of an export says of the new invitation. In a row that somebody wrote, the same keys are mistakes, and so is
 * a `single_use` that somebody changed in one.
 */
function withoutFacts(input: Json): Json {
  if (!isJsonObject(input) || !('id' in input && 'state' in input)) return input;
  const { single_use: isSingle, max_uses: most } = input;
  const isAgreed = isSingle === (most === 1);
  return Object.fromEntries(
    Object.entries(input).filter(([key]) => !FACTS.includes(key) || (key === 'single_use' && !isAgreed)),
  );
}

function readJsonItems(bytes: Buffer): Item[] {
  try {
    const { value, problems: refused } = parseJson(bytes.length === 0 ? Buffer.from('null') : bytes);
    const [first] = refused;
    if (first) {
      const pointer = first.path.map((part) => `/${part}`).join('');
      throw invalidFields([{ pointer, code: 'not_storable', detail: first.message }]);
    }
    if (!Array.isArray(value))
      throw invalidFields([{ pointer: '', code: 'wrong_type', detail: 'This must be a list.' }]);
    return value.map((input: Json) => ({ line: null, input: withoutFacts(input) }));
  } catch (error) {
    if (error instanceof JsonError) throw new Problem(problems.malformedJson, { detail: error.message });
    throw error;
  }
}

/** The rows of a file. Throws 422. */
export function readItems(bytes: Buffer, isCsv: boolean): Item[] {
  const items = isCsv ? readCsv(bytes) : readJsonItems(bytes);
  if (items.length > MAX_ITEMS) {
    throw invalidFields([{ pointer: '', code: 'too_many', detail: `This takes at most ${MAX_ITEMS} rows.` }]);
  }
  if (items.length === 0) throw invalidFields([{ pointer: '', code: 'required', detail: 'There are no rows.' }]);
  return items;
}

/** POST /invitation-imports */
const createImport = defineChange({
  operationId: 'createInvitationImport',
  method: 'POST',
  path: PATH,
  tag: TAG,
  summary: 'Make many invitations',
  description:
    'Takes a JSON list of what a create takes, or CSV with a header of its fields (lists separated by semicolons; `email` and `attribute.<name>` fill in fixed_data, and `email` is the recipient where there are none). Up to 10,000 rows. Rows of an export are taken as they are, and make new invitations. They are made in the background: follow the import.',
  access,
  query: {
    mode: t.optional(
      t.choice(['each', 'all'], { description: 'each: every good row is made; all: all rows or none.' }),
      'each',
    ),
    dry_run: t.optional(t.boolean({ description: 'Only says what would be wrong.' }), false),
  },
  rawBody: {
    types: ['application/json', CSV],
    json: t.list(newInvitation, { maxItems: MAX_ITEMS }),
    limit: MAX_BYTES,
  },
  responses: { 202: importType },
  tells: ['ETag', 'Location'],
  async handle(ctx, { tx, query, request }) {
    const isCsv = (request.headers['content-type'] ?? '').trim().toLowerCase().startsWith(CSV);
    const items = readItems(await request.body(), isCsv);
    const { mode, dry_run: dryRun } = query;
    const owner = ctx.actor?.id ?? 0;
    const id = await store.insertImport(tx, { owner, clientIp: ctx.clientIp, mode, dryRun, items });
    await enqueue(tx, importInvitations, { payload: id });
    const row = await store.findImport(tx, id);
    return { value: row, headers: { location: `${OWN_API}${PATH}/${id}`, etag: etagOf(importType.present(row)) } };
  },
});

const about = { tag: TAG, access, params: { id: t.uuid() }, subject: imported } as const;

/** GET /invitation-imports/{id} */
export const readImport = defineRead({
  ...about,
  operationId: 'readInvitationImport',
  path: ONE,
  summary: 'Follow an import',
  responses: { 200: importType },
  handle: (_ctx, { object }) => ({ value: object, represents: object }),
});

type Shown = { readonly item: ItemRow; readonly name: string; readonly link: string; readonly code: string };

function secretsOf({ vault }: RequestContext, { secrets }: ItemRow): { code?: string; secret?: string } {
  const opened = secrets === null ? undefined : vault.open(secrets, PURPOSE);
  return opened ? JSON.parse(opened.toString('utf8')) : {};
}

function showItem(
  place: { ctx: RequestContext; request: HttpRequest },
  item: ItemRow,
  row: InvitationRow | undefined,
): Shown {
  const { code = '', secret } = secretsOf(place.ctx, item);
  const link = (row && linkOf(place, row, secret).link) ?? '';
  const name = isJsonObject(item.input) ? item.input['name'] : undefined;
  return { item, name: row?.name ?? (typeof name === 'string' ? name : ''), link, code };
}

async function showItems(
  place: { ctx: RequestContext; request: HttpRequest },
  id: string,
  part: { after: number; limit: number },
): Promise<Shown[]> {
  const items = await store.listItems(place.ctx.db, id, part);
  const ids = items.flatMap(({ invitation }) => (invitation === null ? [] : [invitation]));
  const rows = await findInvitations(place.ctx.db, ids);
  const found = new Map(rows.map((row) => [row.id, row]));
  return items.map((item) => showItem(place, item, found.get(item.invitation ?? '')));
}

const orNull = (text: string): string | null => (text === '' ? null : text);

function errorsOf({ errors }: ItemRow): { pointer: string; column: string | null; code: string; detail: string }[] {
  if (!Array.isArray(errors)) return [];
  return errors.filter(isJsonObject).map((error) => {
    const text = (key: string): string => (typeof error[key] === 'string' ? error[key] : '');
    const pointer = text('pointer');
    const column = text('column') || (pointer.split('/')[1] ?? '');
    return { pointer, column: orNull(column), code: text('code'), detail: text('detail') };
  });
}

/** GET /invitation-imports/{id}/rows */
export const listRows = defineRead({
  ...about,
  operationId: 'listInvitationImportRows',
  path: `${ONE}/rows`,
  summary: 'List what became of each row',
  query: paging,
  responses: { 200: pageType('InvitationImportRowList', itemType) },
  async handle(ctx, { object: { id }, query, request }) {
    const { items, next } = await readPage(
      ctx,
      { scope: `import ${id}`, ...query },
      {
        find: ({ after = ['0'], limit }) => showItems({ ctx, request }, id, { after: Number(after[0]), limit }),
        place: ({ item }) => [String(item.position)],
      },
    );
    return {
      value: {
        items: items.map(({ item, link, code }) => ({
          ...item,
          row: item.position,
          link: orNull(link),
          code: orNull(code),
          errors: errorsOf(item),
        })),
        next,
      },
    };
  },
});

/** GET /invitation-imports/{id}/result.csv */
export const readResult = defineRead({
  ...about,
  operationId: 'readInvitationImportResult',
  path: `${ONE}/result.csv`,
  summary: 'The result as CSV',
  description:
    'A row for each row, with links and codes for a day. Cells that a spreadsheet might run begin with an apostrophe.',
  responses: { 200: { media: CSV } },
  async handle(ctx, { object: { id }, request }) {
    const rows = [['row', 'line', 'state', 'id', 'name', 'link', 'code', 'problems']];
    for (const { item, name, link, code } of await showItems({ ctx, request }, id, { after: 0, limit: MAX_ITEMS })) {
      const told = errorsOf(item).map(({ column, detail }) => (column === null ? detail : `${column}: ${detail}`));
      const { position, line, state, invitation } = item;
      rows.push([String(position), String(line ?? ''), state, invitation ?? '', name, link, code, told.join(' ')]);
    }
    return {
      value: writeCsv(rows),
      headers: { 'content-disposition': `attachment; filename="invitations-${id}.csv"` },
    };
  },
});

export const importOperations = [createImport, readImport, listRows, readResult];
