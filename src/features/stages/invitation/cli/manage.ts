import { CommandError, textOption, textsOption } from '../../../../kernel/cli/command.ts';
import type { Command, CommandOption, CommandScope } from '../../../../kernel/cli/command.ts';
import type { JsonObject } from '../../../../kernel/schema/types.ts';
import { listInvitationDeliveries } from '../v1/deliveries/list.ts';
import { extendInvitation } from '../v1/operations/extend.ts';
import { listAll as listInvitations } from '../v1/operations/list.ts';
import { readInvitation } from '../v1/operations/read.ts';
import { resendInvitation } from '../v1/operations/resend.ts';
import { revokeInvitation } from '../v1/operations/revoke.ts';
import { listInvitationUses } from '../v1/operations/uses.ts';
import { asOption, call, callForObject, callerOf, cell, listAll, readId, table } from './caller.ts';
import { readCount, readExpiry } from './expiry.ts';

/** The options that say which invitations are meant, by the parameter of the API. */
export const filterOptions: readonly CommandOption[] = [
  { flags: '--state <state...>', description: 'pending, used_up, expired, revoked' },
  { flags: '--flow <slug>', description: 'of this flow' },
  { flags: '--created-by <username>', description: 'made by this user' },
  { flags: '--recipient <address>', description: 'sent to this address, or filling it in' },
  { flags: '--search <text>', description: 'with this text in name, message, recipients or data' },
];

const PARAMETERS = [
  ['flow', 'flow'],
  ['createdBy', 'created_by'],
  ['recipient', 'recipient'],
  ['search', 'q'],
] as const;

/** The filter that the options say. */
export function filterOf({ options }: CommandScope): URLSearchParams {
  const query = new URLSearchParams();
  for (const state of textsOption(options, 'state')) query.append('state', state);
  for (const [option, parameter] of PARAMETERS) {
    const value = textOption(options, option);
    if (value !== '') query.set(parameter, value);
  }
  return query;
}

const COLUMNS = ['id', 'state', 'name', 'uses', 'max_uses', 'expires', 'created_by', 'sent'] as const;
const DEFAULT_LIMIT = '100';

/** `vestibule invite list` */
export const listCommand: Command = {
  name: 'invite list',
  description: 'List invitations, the newest first, also those that have ended.',
  options: [
    ...filterOptions,
    { flags: '--limit <number>', description: 'no more than so many', default: DEFAULT_LIMIT },
    asOption,
  ],
  help: `Examples
  vestibule invite list --state pending
  vestibule invite list --state used_up expired --created-by alice --json`,
  async run(scope) {
    const most = readCount(textOption(scope.options, 'limit'), '--limit');
    const items = await listAll(await callerOf(scope), listInvitations, { query: filterOf(scope), most });
    const rows = items.map((item) => COLUMNS.map((column) => cell(item[column])));
    return { text: rows.length === 0 ? 'None.' : table(COLUMNS, rows), json: items };
  },
};

const SHOWN_AT_MOST = 1000;

function describe(invitation: JsonObject, uses: readonly JsonObject[], deliveries: readonly JsonObject[]): string {
  const width = Math.max(...Object.keys(invitation).map((key) => key.length));
  const lines = Object.entries(invitation).map(([key, value]) => `${key.padEnd(width)}  ${cell(value)}`);
  const part = (title: string, rows: readonly JsonObject[], columns: readonly string[]): string[] =>
    rows.length === 0
      ? []
      : [
          '',
          title,
          table(
            columns,
            rows.map((row) => columns.map((column) => cell(row[column]))),
          ),
        ];
  return [
    ...lines,
    ...part('Used by', uses, ['used', 'username', 'email', 'network']),
    ...part('Mailed', deliveries, ['kind', 'recipient', 'state', 'tries', 'changed', 'next_try', 'answer', 'id']),
  ].join('\n');
}

/** `vestibule invite show` */
export const showCommand: Command = {
  name: 'invite show',
  arguments: '<id>',
  description: 'Show an invitation: what it is, who used it, to whom it was mailed.',
  options: [asOption],
  help: 'The id is that of "vestibule invite list"; a link does as well.',
  async run(scope) {
    const params = { id: readId(scope.arguments[0] ?? '') };
    const caller = await callerOf(scope);
    const invitation = await callForObject(caller, readInvitation, { params });
    const uses = await listAll(caller, listInvitationUses, { params, most: SHOWN_AT_MOST });
    const deliveries = await listAll(caller, listInvitationDeliveries, { params, most: SHOWN_AT_MOST });
    return { text: describe(invitation, uses, deliveries), json: { invitation, uses, deliveries } };
  },
};

/** `vestibule invite revoke` */
export const revokeCommand: Command = {
  name: 'invite revoke',
  arguments: '<id...>',
  description: 'End invitations for good: their links work no more.',
  options: [asOption],
  help: `Stops at the first that cannot be revoked; those before it are.

Examples
  vestibule invite revoke 0b6c4a52-6d0e-4d4c-9f51-2f4f8a1f2c11`,
  async run(scope) {
    const caller = await callerOf(scope);
    const ids = scope.arguments.map(readId);
    const revoked: JsonObject[] = [];
    for (const id of ids) {
      revoked.push(await callForObject(caller, revokeInvitation, { params: { id } }));
      scope.progress(`${revoked.length} of ${ids.length}`);
    }
    return { text: revoked.length === 1 ? 'Revoked.' : `${revoked.length} were revoked.`, json: revoked };
  },
};

/** `vestibule invite resend` */
export const resendCommand: Command = {
  name: 'invite resend',
  arguments: '<id>',
  description: 'Mail an invitation again to those whom it did not reach.',
  options: [
    { flags: '--all', description: 'to everybody it was sent to' },
    { flags: '--delivery <id>', description: 'to the people of this mail; "vestibule invite show" has the ids' },
    asOption,
  ],
  help: 'It is queued, and goes out from "serve" or "worker"; "vestibule invite show" tells what becomes of it.',
  async run(scope) {
    const delivery = textOption(scope.options, 'delivery');
    const json: JsonObject =
      delivery === '' ? { to: scope.options['all'] === true ? 'all' : 'unreached' } : { delivery };
    const params = { id: readId(scope.arguments[0] ?? '') };
    const answer = await callForObject(await callerOf(scope), resendInvitation, { params, json });
    return { text: `Queued for ${cell(answer['queued'])} people.`, json: answer };
  },
};

/** `vestibule invite extend` */
export const extendCommand: Command = {
  name: 'invite extend',
  arguments: '<id>',
  description: 'Give an invitation more time, more uses, or both; one that has ended works again.',
  options: [
    { flags: '--expires <when>', description: '30m, 12h, 7d, 2w from now, an instant, or never' },
    { flags: '--more-uses <number>', description: 'uses that are added to its limit' },
    asOption,
  ],
  help: `Examples
  vestibule invite extend 0b6c4a52-6d0e-4d4c-9f51-2f4f8a1f2c11 --expires 7d --more-uses 3`,
  async run(scope) {
    const { ctx, options } = scope;
    const [expires, more] = [textOption(options, 'expires'), textOption(options, 'moreUses')];
    if (expires === '' && more === '') throw new CommandError('Say --expires, --more-uses, or both.');
    const json = {
      ...(expires === '' ? {} : { expires: readExpiry(expires, ctx.clock) }),
      ...(more === '' ? {} : { more_uses: readCount(more, '--more-uses') }),
    };
    const params = { id: readId(scope.arguments[0] ?? '') };
    const invitation = await call(await callerOf(scope), extendInvitation, { params, json });
    return { text: 'Extended.', json: invitation };
  },
};
