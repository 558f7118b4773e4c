export const sql = `
-- How often the button of the first page was pressed, by day: one row a day, however often.
create table invitation_opening (
  invitation uuid not null references invitation on delete cascade,
  day date not null,
  presses integer not null default 1,
  primary key (invitation, day)
);

-- When somebody with a link that is over asked for a new one; one row an invitation.
create table invitation_request (
  invitation uuid primary key references invitation on delete cascade,
  asked timestamptz not null default now(),
  times integer not null default 1
);

-- Accounts that end: when, when their owner is told, and when that happened.
create table account_expiry (
  user_id integer primary key references users on delete cascade,
  invitation uuid references invitation on delete set null,
  expires timestamptz not null,
  remind timestamptz not null,
  reminded timestamptz,
  ended timestamptz
);
create index account_expiry_invitation on account_expiry (invitation);
create index account_expiry_due on account_expiry (expires) where ended is null;
create index account_expiry_remind on account_expiry (remind) where ended is null and reminded is null;

-- Accounts that somebody has to approve. The account is inactive until then.
create table invitation_approval (
  approval_uuid uuid primary key default gen_random_uuid(),
  invitation uuid references invitation on delete set null,
  user_id integer not null unique references users on delete cascade,
  state text not null default 'pending' check (state in ('pending', 'approved', 'rejected')),
  requested timestamptz not null default now(),
  decided timestamptz,
  decided_by integer references users on delete set null
);
create index invitation_approval_invitation on invitation_approval (invitation);
create index invitation_approval_decided_by on invitation_approval (decided_by);
create index invitation_approval_pending on invitation_approval (requested) where state = 'pending';
`;
