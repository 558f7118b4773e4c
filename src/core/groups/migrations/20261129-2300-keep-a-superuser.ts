/**
 * Somebody must be able to administer: what would leave no active superuser is refused when it is committed. Deferred, so
 * that what a transaction looks like half-way does not count; only what takes something away is looked at.
 */
export const sql = `
create function superuser_exists() returns boolean language sql stable as $$
  with recursive making(group_uuid) as (
    select group_uuid from groups where is_superuser
    union
    select p.child from group_parents p join making m on p.parent = m.group_uuid
  )
  select exists (
    select from group_members l join making using (group_uuid) join users u on u.id = l.user_id where u.is_active)
$$;

create function group_makes_superusers(member_of uuid) returns boolean language sql stable as $$
  with recursive above(group_uuid) as (
    select member_of
    union
    select p.parent from group_parents p join above a on p.child = a.group_uuid
  )
  select exists (select from groups g join above using (group_uuid) where g.is_superuser)
$$;

-- Answered to the caller as 400 with these words. Who must go on all the same (an account whose time is over) sets
-- vestibule.may_lose_superusers in the transaction.
create function keep_a_superuser() returns trigger language plpgsql as $$
declare
  was_lost boolean := true;
begin
  if current_setting('vestibule.may_lose_superusers', true) = 'on' then
    return null;
  end if;
  -- Of two that each take the other away the second waits for the first one's commit, and then sees it: in a volatile
  -- function every statement looks anew. The key may be any number that nothing else takes.
  perform pg_advisory_xact_lock(7463002);
  if superuser_exists() then
    return null;
  end if;
  -- Where there was none before, nothing is lost. One by one: an expression may name no column that a table lacks.
  case tg_table_name
    when 'users' then was_lost := user_is_superuser(old.id);
    when 'group_members' then was_lost := group_makes_superusers(old.group_uuid)
      and not exists (select from users u where u.id = old.user_id and not u.is_active);
    when 'group_parents' then was_lost := group_makes_superusers(old.parent);
    else null;
  end case;
  if was_lost then
    raise exception 'No active superuser would be left.' using errcode = 'VB400';
  end if;
  return null;
end
$$;

create constraint trigger users_keep_a_superuser after update of is_active on users
  deferrable initially deferred for each row when (old.is_active and not new.is_active)
  execute function keep_a_superuser();
create constraint trigger groups_keep_a_superuser after update of is_superuser on groups
  deferrable initially deferred for each row when (old.is_superuser and not new.is_superuser)
  execute function keep_a_superuser();
create constraint trigger groups_gone_keep_a_superuser after delete on groups
  deferrable initially deferred for each row when (old.is_superuser) execute function keep_a_superuser();
-- Of users and groups that are deleted, too, whose links go with them.
create constraint trigger group_members_keep_a_superuser after delete on group_members
  deferrable initially deferred for each row execute function keep_a_superuser();
create constraint trigger group_parents_keep_a_superuser after delete on group_parents
  deferrable initially deferred for each row execute function keep_a_superuser();
`;
