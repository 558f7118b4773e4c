export const sql = `
create table token (
  token_uuid uuid primary key default gen_random_uuid(),
  identifier text not null constraint token_identifier_key unique,
  managed text constraint token_managed_key unique,
  key_hash text not null constraint token_key_hash_key unique,
  key_sealed bytea not null,
  intent text not null default 'api',
  user_id integer not null references users on delete cascade,
  description text not null default '',
  expires timestamptz,
  expiring boolean not null default true
);
create index token_user on token (user_id);
create index token_expires on token (expires) where expiring;
`;
