export const sql = `
create table invitation_import (
  import_uuid uuid primary key default gen_random_uuid(),
  owner integer not null references users on delete cascade,
  -- From where it was asked for, for the events.
  client_ip text not null,
  mode text not null check (mode in ('each', 'all')),
  dry_run boolean not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  -- Why it failed as a whole.
  reason text,
  total integer not null,
  -- How far it is, of one that is done in one transaction.
  progress integer not null default 0,
  created timestamptz not null default now(),
  finished timestamptz
);
create index invitation_import_owner on invitation_import (owner, created desc);
create index invitation_import_created on invitation_import (created);

create table invitation_import_row (
  import uuid not null references invitation_import on delete cascade,
  -- From 1.
  position integer not null,
  -- Of the CSV; null of JSON.
  line integer,
  input jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'made', 'valid', 'failed', 'undone')),
  invitation uuid references invitation on delete set null,
  errors jsonb not null default '[]',
  -- Sealed: code and secret of the link, until the result has been there for a day.
  secrets bytea,
  primary key (import, position)
);
create index invitation_import_row_invitation on invitation_import_row (invitation);
`;
