export const sql = `
-- Reminders that were sent, or that there was nobody to send to: a row is what keeps another worker from sending it too.
create table invitation_reminder (
  invitation uuid not null references invitation on delete cascade,
  occasion text not null check (occasion in ('after_sending', 'before_expiry')),
  seconds bigint not null,
  -- The expiry that it was sent before: another expiry has a reminder of its own. Null: it was sent after sending.
  expires timestamptz,
  sent timestamptz not null default now(),
  constraint invitation_reminder_once unique nulls not distinct (invitation, occasion, seconds, expires)
);
create index invitation_reminding on invitation (invite_uuid) where open and sent is not null and reminders <> '[]';
`;
