export const sql = `
alter table invitation
  add changed timestamptz,
  -- When it was last sent by mail.
  add sent timestamptz;
update invitation set changed = created;
alter table invitation
  alter changed set default now(),
  alter changed set not null,
  -- The history of an invitation outlives its flow and its creator; the triggers below close it first.
  alter created_by drop not null,
  drop constraint invitation_created_by_fkey,
  add constraint invitation_created_by_fkey foreign key (created_by) references users on delete set null,
  drop constraint invitation_flow_fkey,
  add constraint invitation_flow_fkey foreign key (flow) references flow on delete set null;
create index invitation_created on invitation (created desc, invite_uuid desc);

create function invitation_changed() returns trigger language plpgsql as $$
begin
  new.changed := now();
  return new;
end $$;
create trigger invitation_changed before update on invitation for each row
  when ((old.name, old.expires, old.fixed_data, old.max_uses, old.flow, old.revoked, old.expired, old.used_up, old.message,
      old.message_format, old.language, old.on_behalf_of, old.redirect, old.restrict_to, old.locked, old.account_expires,
      old.account_lifetime, old.approval, old.recipients, old.reminders, old.code_hash, old.secret_hash)
    is distinct from (new.name, new.expires, new.fixed_data, new.max_uses, new.flow, new.revoked, new.expired,
      new.used_up, new.message, new.message_format, new.language, new.on_behalf_of, new.redirect, new.restrict_to,
      new.locked, new.account_expires, new.account_lifetime, new.approval, new.recipients, new.reminders, new.code_hash,
      new.secret_hash))
  execute function invitation_changed();

-- Deleting a flow or a creator revokes what depends on it (contract D6, T25): without its flow an invitation would open
-- every flow. Also those that have ended, so that nobody extends one.
create function invitation_close_of_flow() returns trigger language plpgsql as $$
begin
  update invitation set revoked = now() where flow = old.flow_uuid and revoked is null;
  return old;
end $$;
create trigger invitation_close before delete on flow for each row execute function invitation_close_of_flow();

create function invitation_close_of_creator() returns trigger language plpgsql as $$
begin
  update invitation set revoked = now() where created_by = old.id and revoked is null;
  return old;
end $$;
create trigger invitation_close before delete on users for each row execute function invitation_close_of_creator();

-- As before, and: when an invitation for many becomes one for single use, the one use is still to come.
create or replace function invitation_limit() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.max_uses is null and new.single_use then new.max_uses := 1; end if;
  elsif new.max_uses is not distinct from old.max_uses and new.single_use <> old.single_use then
    new.max_uses := case when new.single_use then 1 end;
    new.uses := 0;
  end if;
  new.single_use := new.max_uses is not distinct from 1;
  return new;
end $$;

create index event_invitation on event ((context ->> 'invitation_uuid'), created desc)
  where (context ->> 'invitation_uuid') is not null;
`;
