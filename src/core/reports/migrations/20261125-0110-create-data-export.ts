/** Exports and their files, in compressed parts: every process can make and serve them. */
export const sql = `
create table data_export (
  id uuid primary key default gen_random_uuid(),
  requested_by integer not null references users on delete cascade,
  requested_on timestamptz not null default now(),
  model text collate "C" not null,
  query_params jsonb not null default '{}',
  completed boolean not null default false,
  parts integer not null default 0,
  bytes bigint not null default 0
);
create index data_export_requested on data_export (requested_on desc);
create index data_export_by on data_export (requested_by);
create table data_export_part (
  export uuid not null references data_export on delete cascade,
  number integer not null,
  body bytea not null,
  primary key (export, number)
);
-- It is compressed already.
alter table data_export_part alter column body set storage external;
`;
