export const sql = `
create table token (
  token_uuid uuid primary key default gen_random_uuid(),
  identifier text not null constraint token_identifier_key unique,
  managed text constraint token_managed_key unique,
  key_hash text not null constraint token_key_hash_key unique,
  key_sealed bytea not null,
  intent text not null default 'api',
  user_id integer not null references users on delete cascade,
  made_by integer references users on delete set null,
  description text not null default '',
  expires timestamptz,
  expiring boolean not null default true
);
create index token_made_by on token (made_by);

-- Who makes a token owns it, unless they named somebody.
create function token_set_owner() returns trigger language plpgsql as $$
begin
  new.user_id := coalesce(new.user_id, new.made_by);
  return new;
end $$;
create trigger token_owner before insert on token for each row execute function token_set_owner();
create index token_user on token (user_id);
create index token_expires on token (expires) where expiring;
`;
