import { isJsonObject } from '../../../../kernel/schema/types.ts';
import type { Json } from '../../../../kernel/schema/types.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { InvitationInput, NewInvitation } from './fields.ts';
import type { Columns, InvitationRow } from './store.ts';

/** What is stored for what a client says; groups and roles have tables of their own. */
export function columnsOf(input: InvitationInput, flowId: string | null): Columns {
  const lifetime = input.account_expires === null ? undefined : parseDuration(input.account_expires);
  const reminders = input.reminders.map(({ when, duration }) => ({ when, seconds: parseDuration(duration) ?? 0 }));
  return {
    name: { value: input.name, type: 'text' },
    expires: { value: input.expires, type: 'timestamptz' },
    fixed_data: { value: JSON.stringify(input.fixed_data), type: 'jsonb' },
    locked: { value: input.locked, type: 'boolean' },
    flow: { value: flowId, type: 'uuid' },
    max_uses: { value: input.max_uses, type: 'integer' },
    restrict_to: { value: [...input.restrict_to], type: 'text[]' },
    account_expires: { value: lifetime === undefined ? input.account_expires : null, type: 'timestamptz' },
    account_lifetime: { value: lifetime ?? null, type: 'bigint' },
    approval: { value: input.approval, type: 'boolean' },
    message: { value: input.message, type: 'text' },
    message_format: { value: input.message_format, type: 'text' },
    language: { value: input.language, type: 'text' },
    on_behalf_of: { value: input.on_behalf_of, type: 'text' },
    redirect: { value: input.redirect, type: 'text' },
    recipients: { value: [...input.recipients], type: 'text[]' },
    reminders: { value: JSON.stringify(reminders), type: 'jsonb' },
  };
}

function accountExpires({ account_expires: instant, account_lifetime: seconds }: InvitationRow): string | null {
  return seconds === null ? instant : formatDuration(Number(seconds));
}

function remindersOf({ reminders }: InvitationRow): Json[] {
  if (!Array.isArray(reminders)) return [];
  return reminders
    .filter(isJsonObject)
    .map(({ when = '', seconds }) => ({ when, duration: formatDuration(Number(seconds)) }));
}

/** What a client said of a new invitation, as {@link writableOf} will show it. */
export function writtenOf(input: NewInvitation, flow: string | null): { readonly [key: string]: Json } {
  const { secret_link: _secret, with_code: _code, groups, roles, reminders, ...same } = input;
  const sorted = (ids: readonly string[]): string[] => [...new Set(ids)].toSorted();
  return {
    ...same,
    flow,
    groups: sorted(groups),
    roles: sorted(roles),
    restrict_to: [...same.restrict_to],
    recipients: [...same.recipients],
    reminders: reminders.map(({ when, duration }) => ({ when, duration })),
  };
}

/** What a client may change, as it is now. */
export function writableOf(row: InvitationRow): { readonly [key: string]: Json } {
  const { name, expires, fixed_data, locked, flow, max_uses, approval, message, message_format } = row;
  const { groups, roles, restrict_to, recipients, language, on_behalf_of, redirect } = row;
  return {
    name,
    expires,
    fixed_data,
    locked,
    flow,
    max_uses,
    groups: [...groups],
    roles: [...roles],
    restrict_to: [...restrict_to],
    account_expires: accountExpires(row),
    approval,
    message,
    message_format,
    language,
    on_behalf_of,
    redirect,
    recipients: [...recipients],
    reminders: remindersOf(row),
  };
}
