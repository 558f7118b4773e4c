export const sql = `
create table session (
  session_uuid uuid primary key default gen_random_uuid(),
  key_hash bytea not null constraint session_key_hash_key unique,
  previous_key_hash bytea,
  rotated timestamptz,
  user_id integer references users on delete cascade,
  data bytea,
  version integer not null default 1,
  created timestamptz not null default now(),
  last_used timestamptz not null default now(),
  expires timestamptz not null,
  last_ip text not null default '',
  last_user_agent text not null default ''
);
comment on column session.data is 'Sealed: plans hold what people typed, passwords among it.';
create index session_user_id on session (user_id);
create index session_previous_key_hash on session (previous_key_hash) where previous_key_hash is not null;
create index session_expires on session (expires);
`;
