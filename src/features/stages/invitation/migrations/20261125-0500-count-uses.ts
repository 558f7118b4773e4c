export const sql = `
alter table invitation
  -- How many accounts it may make; null is without limit.
  add max_uses integer check (max_uses > 0),
  -- Uses of an invitation with a limit. One without is only locked for sharing, so that its users do not queue.
  add uses integer not null default 0,
  add revoked timestamptz,
  add revoked_by integer references users on delete set null,
  -- When the clean-up noticed that it had expired. Whether it may be used is judged by its expiry alone.
  add expired timestamptz,
  -- Nothing has ended it as far as anybody has noticed.
  add open boolean not null generated always as (used_up is null and revoked is null and expired is null) stored;
create index invitation_revoked_by on invitation (revoked_by);
update invitation set max_uses = 1, uses = (used_up is not null)::integer where single_use;

drop index invitation_order;
drop index invitation_name;
create index invitation_order on invitation (expires desc, invite_uuid) where open;
create index invitation_name on invitation (name) where open;

-- The two words for one thing agree: for single use is for one use at the most.
create function invitation_limit() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.max_uses is null and new.single_use then new.max_uses := 1; end if;
  elsif new.max_uses is not distinct from old.max_uses and new.single_use <> old.single_use then
    new.max_uses := case when new.single_use then 1 end;
  end if;
  new.single_use := new.max_uses is not distinct from 1;
  return new;
end $$;
create trigger invitation_limit_insert before insert on invitation
  for each row when (new.single_use or new.max_uses is not null) execute function invitation_limit();
create trigger invitation_limit_update before update on invitation
  for each row when (new.single_use is distinct from old.single_use or new.max_uses is distinct from old.max_uses)
  execute function invitation_limit();
`;
