import { localTarget } from '../../../../core/flows/index.ts';
import { report, t } from '../../../../kernel/own-api/index.ts';
import type { Type, ValueOf } from '../../../../kernel/own-api/index.ts';
import { parseTimestamp } from '../../../../kernel/schema/datetime.ts';
import { parseEmail } from '../../../../kernel/schema/email.ts';
import { formatDuration, parseDuration } from './duration.ts';

export const STATES = ['pending', 'used_up', 'expired', 'revoked'] as const;
const FORMATS = ['plain', 'markdown'] as const;
const OCCASIONS = ['after_sending', 'before_expiry'] as const;
export const LINK_REASONS = ['secret_link', 'not_pending', 'no_flow', 'no_public_url'] as const;
const MAX_USES = 1_000_000;
const MAX_LISTED = 100;
/** Addresses of one invitation that it can be sent to (contract D10). */
const MAX_RECIPIENTS = 50;

/** A text in a canonical spelling; anything else is a problem. */
function spelled(
  { wanted, maxLength, description }: { wanted: string; maxLength: number; description?: string },
  read: (text: string) => string | undefined,
): Type<string> {
  const text = t.text({ maxLength, ...(description === undefined ? {} : { description }) });
  return {
    ...text,
    check(value, place) {
      const given = text.check(value, place);
      if (given === undefined) return undefined;
      return read(given) ?? report(place, 'wrong_form', `This must be ${wanted}.`);
    },
  };
}

function canonicalDuration(text: string): string | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined ? undefined : formatDuration(seconds);
}

/** A duration in the canonical spelling. */
export const duration = (description: string): Type<string> =>
  spelled({ wanted: 'a duration such as P3D or PT12H', maxLength: 40, description }, canonicalDuration);

const accountExpires = spelled(
  {
    wanted: 'an instant or a duration such as P90D',
    maxLength: 40,
    description: 'When the new account ends: at an instant, or an ISO 8601 duration after it was made.',
  },
  (text) => {
    const instant = parseTimestamp(text);
    return 'value' in instant ? instant.value : canonicalDuration(text);
  },
);

const restriction = spelled({ wanted: 'an address, or a domain such as @example.org', maxLength: 255 }, (text) =>
  text.startsWith('@') ? parseEmail(`x${text}`)?.slice(1) : parseEmail(text),
);

// What begins a line, or would: it is shown within a sentence, and URLs are read without it.
const BREAKS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const onBehalfOf = spelled(
  { wanted: 'one line', maxLength: 200, description: 'In whose name the inviter invites: one line.' },
  (text) => (BREAKS.test(text) ? undefined : text),
);

const redirect = spelled(
  {
    wanted: 'a path of this server in one line, such as /if/user/',
    maxLength: 2000,
    description: 'Where the person goes at the end; empty: as the flow says.',
  },
  (text) => (text === '' ? '' : BREAKS.test(text) ? undefined : localTarget(text)),
);

const language = t.text({
  maxLength: 35,
  pattern: /^(?:[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)?$/,
  allowed: 'a language tag such as de',
  description: 'The language of the message; empty: what the browser asks for.',
});

const reminder = t.object('InvitationReminder', {
  when: t.choice(OCCASIONS),
  duration: duration('How long after, or before.'),
});

/** What a client may say of an invitation and read back. */
const writable = {
  name: t.text({
    minLength: 1,
    maxLength: 50,
    pattern: /^[-a-zA-Z0-9_]+$/,
    allowed: 'of letters, digits, hyphens and underscores',
  }),
  expires: t.optional(t.nullable(t.dateTime({ description: 'null: never.' })), null),
  fixed_data: t.optional(t.json({ description: 'Values of the new account.' }), {}),
  locked: t.optional(t.boolean({ description: 'Whether the person may not change what fixed_data holds.' }), false),
  flow: t.optional(
    t.nullable(t.text({ maxLength: 100, description: 'The slug, or the id, of its flow; null: any.' })),
    null,
  ),
  max_uses: t.optional(
    t.nullable(t.integer({ minimum: 1, maximum: MAX_USES, description: 'Accounts it may make; null: any number.' })),
    null,
  ),
  groups: t.optional(t.list(t.uuid(), { maxItems: MAX_LISTED, description: 'Groups of the new account.' }), []),
  roles: t.optional(t.list(t.uuid(), { maxItems: MAX_LISTED, description: 'Roles of the new account.' }), []),
  restrict_to: t.optional(
    t.list(restriction, { maxItems: MAX_LISTED, description: 'Addresses, and domains such as @example.org.' }),
    [],
  ),
  account_expires: t.optional(t.nullable(accountExpires), null),
  approval: t.optional(t.boolean({ description: 'Whether somebody has to approve the new account.' }), false),
  message: t.optional(t.text({ maxLength: 4000, description: 'What its first page and its mail say.' }), ''),
  message_format: t.optional(t.choice(FORMATS), 'plain'),
  language: t.optional(language, ''),
  on_behalf_of: t.optional(onBehalfOf, ''),
  redirect: t.optional(redirect, ''),
  recipients: t.optional(t.list(t.email(), { maxItems: MAX_RECIPIENTS, description: 'To whom it is sent.' }), []),
  reminders: t.optional(
    t.list(reminder, { maxItems: 5, description: 'When recipients are reminded while it is pending.' }),
    [],
  ),
} as const;

/** What a client may change. */
export const invitationInput = t.object('Invitation', writable);
export type InvitationInput = ValueOf<typeof invitationInput>;

/** What a client says in a change. */
export const changedInvitation = t.object('InvitationChange', {
  ...writable,
  secret_link: t.optional(
    t.boolean({
      description:
        'What the link is, as read. To be said when groups or roles are added to one whose plain link stays. `rotate` changes it.',
    }),
  ),
});
export type ChangedInvitation = ValueOf<typeof changedInvitation>;

/** What a client says of a new one. */
export const newInvitation = t.object('NewInvitation', {
  ...writable,
  secret_link: t.optional(
    t.boolean({
      description:
        'Whether its link carries a secret; by default as VESTIBULE_SECRET_LINKS says, and without that if it gives groups or roles.',
    }),
  ),
  with_code: t.optional(t.boolean({ description: 'Whether it gets a code that can be typed by hand.' }), true),
});
export type NewInvitation = ValueOf<typeof newInvitation>;

/** The fields that answers repeat; there is always a value. */
const shown = Object.fromEntries(
  Object.entries(writable).map(([key, { absent: _absent, ...type }]) => [key, type]),
) as typeof writable;

/** Somebody with an account, as far as an invitation tells of them. */
export const person = t.object('Person', {
  id: t.integer({ description: 'As in /api/v3/core/users/.' }),
  username: t.text({ maxLength: 150 }),
});

const described = {
  id: t.uuid(),
  state: t.choice(STATES),
  ...shown,
  flow_id: t.nullable(t.uuid()),
  single_use: t.boolean({ description: 'Whether max_uses is 1.' }),
  uses: t.integer({ description: 'How often it was used.' }),
  created_by: t.nullable(person),
  link: t.nullable(t.text({ maxLength: 4000, description: 'Who has it can use the invitation.' })),
  link_reason: t.nullable(t.choice(LINK_REASONS, { description: 'Why there is no link.' })),
  secret_link: t.boolean({ description: 'Whether its link carries a secret, which is shown once.' }),
  has_code: t.boolean({ description: 'Whether it has a code, which is shown once.' }),
  created: t.dateTime(),
  changed: t.dateTime(),
  sent: t.nullable(t.dateTime()),
  used_up: t.nullable(t.dateTime()),
  revoked: t.nullable(t.dateTime()),
  revoked_by: t.nullable(person),
} as const;

/** What is read of an invitation and cannot be said of a new one. */
export const FACTS: readonly string[] = Object.keys(described).filter(
  (key) => key !== 'secret_link' && !Object.hasOwn(writable, key),
);

/** An invitation as it is read. */
export const invitationType = t.object('Invitation', described);

/** An invitation with what is shown once. */
export const invitationWithSecrets = t.object('InvitationWithSecrets', {
  ...described,
  code: t.nullable(t.text({ maxLength: 20, description: 'The code, if one was made now. It is not shown again.' })),
  qr_svg: t.nullable(
    t.text({
      maxLength: 1_000_000,
      description: 'The link as a QR code, where `include` asks for it and there is one.',
    }),
  ),
});

/** What an answer of the same type has besides: drawing the code takes longer than making the invitation. */
export const including = {
  include: t.optional(
    t.list(t.choice(['qr_svg'], { description: 'Of a link without a secret there is `qr.svg` at any time.' })),
    [],
  ),
};
