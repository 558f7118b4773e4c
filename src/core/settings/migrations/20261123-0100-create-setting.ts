export const sql = `
create table setting (
  key text primary key,
  value jsonb not null,
  updated timestamptz not null default now()
);
comment on table setting is 'Facts about this installation that every server process shares.';

-- Part of every user''s uid (contract part 1, 3.1), so it is made once and never changes.
insert into setting (key, value) values ('install_id', to_jsonb(replace(gen_random_uuid()::text, '-', '')));
`;
