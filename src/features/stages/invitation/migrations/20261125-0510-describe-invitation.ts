export const sql = `
alter table invitation
  -- What the first page tells.
  add message text not null default '',
  add message_format text not null default 'plain' check (message_format in ('plain', 'markdown')),
  -- A tag such as 'de'; empty: what the browser asks for.
  add language text not null default '',
  add on_behalf_of text not null default '',
  -- Where the person goes at the end: a path of ours; empty: as the flow says.
  add redirect text not null default '',
  -- Addresses, and domains written '@example.org'; empty: everybody.
  add restrict_to text[] not null default '{}',
  -- Whether what the fixed data holds may not be typed over.
  add locked boolean not null default false,
  -- When the new account ends: at an instant, or so many seconds after it was made.
  add account_expires timestamptz,
  add account_lifetime bigint check (account_lifetime > 0),
  -- Whether somebody has to approve the new account.
  add approval boolean not null default false,
  -- To whom it is sent, and when they are reminded while it is open.
  add recipients text[] not null default '{}',
  add reminders jsonb not null default '[]',
  -- Keyed hashes of the code that is typed by hand and of the secret that the link carries beside the id.
  add code_hash bytea unique,
  add secret_hash bytea;

create table invitation_group (
  invitation uuid not null references invitation on delete cascade,
  group_uuid uuid not null references groups on delete cascade,
  primary key (invitation, group_uuid)
);
create index invitation_group_group on invitation_group (group_uuid);

create table invitation_role (
  invitation uuid not null references invitation on delete cascade,
  role_uuid uuid not null references roles on delete cascade,
  primary key (invitation, role_uuid)
);
create index invitation_role_role on invitation_role (role_uuid);

-- What the history keeps of the account when it is gone.
alter table invitation_use
  add username text,
  add email text,
  -- Whether the account was there before.
  add joined boolean not null default false;
`;
