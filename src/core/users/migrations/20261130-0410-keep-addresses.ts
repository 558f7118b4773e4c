/**
 * Whose an address is, where several accounts have it (decision 0250). Not from when an account is, but from when it has its
 * address: who changes theirs to somebody else's comes last. Null: from the beginning, so no row is rewritten here.
 */
export const sql = `
alter table users
  add email_since timestamptz,
  -- A mail to the present address was answered.
  add email_proven boolean not null default false;

create function users_email() returns trigger language plpgsql as $$
begin
  new.email_since := now();
  new.email_proven := false;
  return new;
end $$;
create trigger users_email before update of email on users
  for each row when (lower(new.email) is distinct from lower(old.email)) execute function users_email();
`;
