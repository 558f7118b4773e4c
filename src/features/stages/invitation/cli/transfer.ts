import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { CommandError, textOption } from '../../../../kernel/cli/command.ts';
import type { Command, CommandScope } from '../../../../kernel/cli/command.ts';
import { writePrivateFile } from '../../../../kernel/cli/private-file.ts';
import type { Context } from '../../../../kernel/context.ts';
import { Problem } from '../../../../kernel/own-api/index.ts';
import type { Caller } from '../../../../kernel/own-api/index.ts';
import { isJsonObject } from '../../../../kernel/schema/types.ts';
import type { Json } from '../../../../kernel/schema/types.ts';
import { listRows, readImport, readItems, readResult } from '../v1/bulk/operations.ts';
import type { Item } from '../v1/bulk/csv.ts';
import { importInvitations } from '../v1/bulk/run.ts';
import { findImport, insertImport } from '../v1/bulk/store.ts';
import { exportCsv, exportJson } from '../v1/operations/export.ts';
import { asOption, call, callForObject, callerOf, cell, listAll } from './caller.ts';
import { filterOf, filterOptions } from './manage.ts';

const PROGRESS_MS = 1000;
const MOST_ROWS = 10_000;

async function readRows(file: string): Promise<Item[]> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new CommandError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    return readItems(bytes, !file.toLowerCase().endsWith('.json'));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new CommandError(error.errors.map(({ detail }) => detail).join('\n') || error.detail);
  }
}

async function follow(
  ctx: Context,
  { id, progress, over }: { id: string; progress: CommandScope['progress']; over: AbortSignal },
) {
  for (;;) {
    await setTimeout(PROGRESS_MS, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    const { done = 0, total = 0 } = (await findImport(ctx.db, id)) ?? {};
    progress(`${done} of ${total} rows`);
  }
}

/** Makes the invitations in this process, with or without a server beside it. Out: the import's id. */
async function importRows({ ctx, actor }: Caller, scope: CommandScope, items: readonly Item[]): Promise<string> {
  const { options, progress } = scope;
  const id = await ctx.db.transaction((tx) =>
    insertImport(tx, {
      owner: actor.id,
      clientIp: '127.0.0.1',
      mode: options['allOrNothing'] === true ? 'all' : 'each',
      dryRun: options['dryRun'] === true,
      items,
    }),
  );
  const over = new AbortController();
  const following = follow(ctx, { id, progress, over: over.signal });
  try {
    await importInvitations.run(ctx, id);
  } finally {
    over.abort();
    await following;
  }
  return id;
}

/** What is wrong with a row, in words. */
function wordsOf(error: Json): string {
  if (!isJsonObject(error)) return '';
  const { column = null, detail = '' } = error;
  return column === null ? cell(detail) : `${cell(column)}: ${cell(detail)}`;
}

/** `vestibule invite import` */
export const importCommand: Command = {
  name: 'invite import',
  arguments: '<file>',
  description: 'Make up to 10,000 invitations from a CSV file, or from a JSON list in a .json file.',
  options: [
    { flags: '--dry-run', description: 'only say what would be wrong' },
    { flags: '--all-or-nothing', description: 'make all rows or none; without it every good row is made' },
    { flags: '--result <file>', description: 'write a row for each row as CSV, with links and codes' },
    asOption,
  ],
  help: `The columns are the fields of an invitation in the own API, and email and attribute.<name>; lists are separated by
semicolons. Exits with 1 when a row is wrong.

Examples
  vestibule invite import people.csv --dry-run
  vestibule invite import people.csv --result links.csv`,
  async run(scope) {
    const { options, arguments: args } = scope;
    const [file = ''] = args;
    const items = await readRows(file);
    const caller = await callerOf(scope);
    const params = { id: await importRows(caller, scope, items) };
    const result = textOption(options, 'result');
    if (result !== '') {
      // It holds links: nobody else's to read.
      await writePrivateFile(result, cell(await call(caller, readResult, { params })));
    }
    const summary = await callForObject(caller, readImport, { params });
    const rows = await listAll(caller, listRows, { params, most: MOST_ROWS });
    const wrong = rows.flatMap(({ row, line, errors }) =>
      Array.isArray(errors) && errors.length > 0
        ? [
            `${line === null ? `Row ${cell(row)}` : `Row ${cell(row)}, line ${cell(line)}`}: ${errors.map(wordsOf).join(' ')}`,
          ]
        : [],
    );
    if (summary['state'] === 'failed') throw new CommandError(cell(summary['reason']));
    const made = rows.filter(({ state }) => state === 'made').length;
    if (wrong.length > 0) {
      const rest = made === 0 ? 'Nothing was made.' : `${made} were made.`;
      throw new CommandError([...wrong, `${wrong.length} of ${rows.length} rows are wrong. ${rest}`].join('\n'));
    }
    const done = options['dryRun'] === true ? 'are good; nothing was made' : 'were made';
    return { text: `${rows.length} invitations ${done}.`, json: { import: summary, rows } };
  },
};

const FORMATS = { csv: exportCsv, json: exportJson } as const;
const isFormat = (text: string): text is keyof typeof FORMATS => Object.hasOwn(FORMATS, text);

/** `vestibule invite export` */
export const exportCommand: Command = {
  name: 'invite export',
  description: 'Print invitations as CSV or JSON, without links of secret ones and without codes.',
  options: [
    ...filterOptions,
    { flags: '--format <format>', description: 'csv or json', default: 'csv' },
    { flags: '--output <file>', description: 'write it into a file instead' },
    asOption,
  ],
  help: `Examples
  vestibule invite export --state pending > pending.csv
  vestibule invite export --format json --output all.json`,
  async run(scope) {
    const format = textOption(scope.options, 'format');
    if (!isFormat(format)) throw new CommandError('--format takes csv or json.');
    const answer = await call(await callerOf(scope), FORMATS[format], { query: filterOf(scope) });
    const text = typeof answer === 'string' ? answer.trimEnd() : JSON.stringify(answer, null, 2);
    const output = textOption(scope.options, 'output');
    if (output === '') return { text, json: answer };
    await writePrivateFile(output, `${text}\n`);
    return { text: `Written to ${output}.`, json: { output } };
  },
};
