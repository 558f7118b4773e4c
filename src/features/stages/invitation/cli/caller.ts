import { findActor } from '../../../../core/tokens/index.ts';
import { findUserByUsername } from '../../../../core/users/index.ts';
import { CommandError, textOption } from '../../../../kernel/cli/command.ts';
import type { CommandOption, CommandScope } from '../../../../kernel/cli/command.ts';
import { localOrigin } from '../../../../kernel/config/own-origin.ts';
import { CallRefused, callOwn } from '../../../../kernel/own-api/index.ts';
import type { Caller, OwnOperation } from '../../../../kernel/own-api/index.ts';
import { isJsonObject } from '../../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../../kernel/schema/types.ts';
import { parseUuid } from '../../../../kernel/schema/uuid.ts';

/** On whose behalf every command acts. */
export const asOption: CommandOption = {
  flags: '--as <username>',
  description: 'on whose behalf: with their rights, and under their name in events',
  default: 'akadmin',
};

/** Who calls operations of the own API for a command. @throws CommandError */
export async function callerOf({ ctx, options }: CommandScope): Promise<Caller> {
  const as = textOption(options, 'as');
  const user = await findUserByUsername(ctx.db, as);
  const actor = user && (await findActor(ctx.db, user.id));
  if (!actor) throw new CommandError(`There is no user ${as}; say with --as on whose behalf.`);
  return { ctx, actor, origin: new URL(localOrigin(ctx.config)) };
}

// Where an option is called otherwise than the field of the own API.
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['fixed_data', '--fixed-data, --email or --attributes'],
  ['groups', '--group'],
  ['message_format', '--markdown'],
  ['q', '--search'],
  ['recipients', '--to'],
  ['reminders', '--remind-after or --remind-before'],
  ['roles', '--role'],
]);

function optionOf(place: string): string {
  const field = place.split('/').find((part) => part !== '') ?? '';
  return OPTIONS.get(field) ?? `--${field.replaceAll('_', '-')}`;
}

/** Calls an operation; what it refuses is told in words, by the options that were meant. @throws CommandError */
export async function call(
  caller: Caller,
  operation: OwnOperation,
  input: Parameters<typeof callOwn>[2] = {},
): Promise<Json> {
  try {
    return await callOwn(caller, operation, input);
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error;
    const { errors, message } = error;
    throw new CommandError(errors.map(({ place, detail }) => `${optionOf(place)}: ${detail}`).join('\n') || message);
  }
}

/** As {@link call}, of an operation that answers an object. */
export async function callForObject(...parts: Parameters<typeof call>): Promise<JsonObject> {
  const answer = await call(...parts);
  if (!isJsonObject(answer)) throw new TypeError(`${parts[1].operationId} answered no object.`);
  return answer;
}

/** Items of a list operation, page after page. `most`: no more than so many. */
export async function listAll(
  caller: Caller,
  operation: OwnOperation,
  {
    params = {},
    query = new URLSearchParams(),
    most,
  }: { params?: Record<string, string>; query?: URLSearchParams; most: number },
): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  const page = new URLSearchParams(query);
  while (found.length < most) {
    page.set('limit', String(Math.min(100, most - found.length)));
    const { items, next } = await callForObject(caller, operation, { params, query: page });
    found.push(...(Array.isArray(items) ? items.filter(isJsonObject) : []));
    if (typeof next !== 'string') break;
    page.set('cursor', next);
  }
  return found;
}

/** The id of an invitation as somebody typed it, or its link. @throws CommandError */
export function readId(given: string): string {
  const id = parseUuid(/[?&]itoken=([-0-9a-f]+)/i.exec(given)?.[1] ?? given);
  if (id === undefined)
    throw new CommandError(`${JSON.stringify(given)} is no id of an invitation; "vestibule invite list" has them.`);
  return id;
}

/** A value as a cell of a line for people. */
export function cell(value: Json | undefined): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.map(cell).join(' ') || '-';
  if (isJsonObject(value)) return typeof value['username'] === 'string' ? value['username'] : JSON.stringify(value);
  return String(value) === '' ? '-' : String(value);
}

/** Rows as a table whose columns stand below each other. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_name, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
