import { t } from '../../../../kernel/own-api/index.ts';
import type { ValueOf } from '../../../../kernel/own-api/index.ts';
import { formatDuration, parseDuration } from '../v1/duration.ts';
import { duration } from '../v1/fields.ts';
import type { LimitsRow, NewLimits } from './store.ts';

const MOST = 1_000_000;
const MAX_LISTED = 100;

const attribute = t.text({
  minLength: 1,
  maxLength: 100,
  pattern: /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/,
  allowed: 'a name such as team, or team.room',
});

const writable = {
  flows: t.list(t.text({ maxLength: 100 }), {
    maxItems: MAX_LISTED,
    description: 'Slugs or ids of the flows that they may invite into.',
  }),
  groups: t.optional(t.list(t.uuid(), { maxItems: MAX_LISTED, description: 'Groups that they may give.' }), []),
  roles: t.optional(t.list(t.uuid(), { maxItems: MAX_LISTED, description: 'Roles that they may give.' }), []),
  max_uses: t.optional(t.integer({ minimum: 1, maximum: MOST, description: 'Of one invitation.' }), 1),
  max_lifetime: t.optional(duration('From the making of an invitation to its expiry.'), 'P7D'),
  open_invitations: t.optional(t.integer({ minimum: 0, maximum: MOST, description: 'Of one person at a time.' }), 10),
  per_day: t.optional(t.integer({ minimum: 0, maximum: MOST, description: 'Of one person within 24 hours.' }), 10),
  max_account_lifetime: t.optional(t.nullable(duration('How long the account lives; null: for ever.')), null),
  may_mail: t.optional(t.boolean({ description: 'Whether they may have invitations sent by mail.' }), false),
  approval: t.optional(t.boolean({ description: 'Whether somebody has to approve every account.' }), false),
  attributes: t.optional(
    t.list(attribute, {
      maxItems: MAX_LISTED,
      description: 'Attributes, with all below them, that fixed_data may have besides what the flow asks for.',
    }),
    [],
  ),
} as const;

export const limitsInput = t.object('InviterLimits', writable);
export type LimitsInput = ValueOf<typeof limitsInput>;

/** The fields that answers repeat; there is always a value. */
const shown = Object.fromEntries(
  Object.entries(writable).map(([key, type]) => {
    const { absent: _absent, ...plain } = { absent: undefined, ...type };
    return [key, plain];
  }),
) as typeof writable;

/** What GET shows of the limits of a role. */
export const limitsType = t.object('InviterRole', {
  role: t.uuid(),
  name: t.text({ maxLength: 1000, description: 'Of the role.' }),
  may_invite: t.boolean({ description: 'Whether the role has the permission; without it the limits mean nothing.' }),
  ...shown,
  changed: t.dateTime(),
});

/** The same, of everything that the roles of a person allow. */
export const ownLimitsType = t.object('OwnLimits', shown);

/** The limits of a role as they are read. */
export const representLimits = (row: LimitsRow): unknown => ({
  ...row,
  flows: row.flows.map(({ slug }) => slug),
  max_lifetime: formatDuration(Number(row.max_lifetime)),
  max_account_lifetime: row.max_account_lifetime === null ? null : formatDuration(Number(row.max_account_lifetime)),
});

/** What is stored for what a client says. */
export function limitsOf(input: LimitsInput, flows: readonly string[]): NewLimits {
  const { max_account_lifetime: life } = input;
  return {
    flows,
    groups: input.groups,
    roles: input.roles,
    maxUses: input.max_uses,
    maxLifetime: parseDuration(input.max_lifetime) ?? 0,
    openInvitations: input.open_invitations,
    perDay: input.per_day,
    maxAccountLifetime: life === null ? null : (parseDuration(life) ?? 0),
    mayMail: input.may_mail,
    approval: input.approval,
    attributes: [...new Set(input.attributes)],
  };
}
