/**
 * A trigger's condition is prepared anew by every statement, a function's once for a connection: the long comparison cost
 * a PUT a sixth of its time in the database (docs/performance.md). Single use, changed alone, now counts as a change too.
 */
export const sql = `
drop trigger invitation_changed on invitation;
create or replace function invitation_changed() returns trigger language plpgsql as $$
begin
  if (old.name, old.expires, old.fixed_data, old.single_use, old.max_uses, old.flow, old.revoked, old.expired, old.used_up,
      old.message, old.message_format, old.language, old.on_behalf_of, old.redirect, old.restrict_to, old.locked,
      old.account_expires, old.account_lifetime, old.approval, old.recipients, old.reminders, old.code_hash,
      old.secret_hash)
    is distinct from (new.name, new.expires, new.fixed_data, new.single_use, new.max_uses, new.flow, new.revoked,
      new.expired, new.used_up, new.message, new.message_format, new.language, new.on_behalf_of, new.redirect,
      new.restrict_to, new.locked, new.account_expires, new.account_lifetime, new.approval, new.recipients,
      new.reminders, new.code_hash, new.secret_hash) then
    new.changed := now();
  end if;
  return new;
end $$;
create trigger invitation_changed before update on invitation for each row execute function invitation_changed();
`;
