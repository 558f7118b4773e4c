export const sql = `
-- Every role of a user: their own, and those of their groups and of the groups above.
create function user_role_uuids(member integer) returns setof uuid language sql stable as $$
  select role_uuid from user_roles where user_id = member
  union
  select l.role_uuid from group_roles l where l.group_uuid in (select user_group_uuids(member))
$$;

-- What a user may do, for the one query that finds out who asks. 'initial' are the models that their roles are granted
-- something on when they create an object.
create function user_rights(member integer) returns jsonb language sql stable as $$
  with mine as materialized (select m.group_uuid from user_group_uuids(member) m(group_uuid)),
  held as materialized (
    select role_uuid from user_roles where user_id = member
    union
    select l.role_uuid from group_roles l join mine using (group_uuid)
  )
  select jsonb_build_object(
    'isSuperuser', exists (select 1 from groups g join mine using (group_uuid) where g.is_superuser),
    'roles', (select coalesce(jsonb_agg(role_uuid order by role_uuid), '[]') from held),
    'permissions', (
      select coalesce(jsonb_agg(distinct p.app_label || '.' || p.codename), '[]')
      from held join role_permission l using (role_uuid) join permission p on p.id = l.permission_id),
    'initial', (
      select coalesce(jsonb_agg(distinct p.app_label || '.' || p.model), '[]')
      from held join initial_permissions s using (role_uuid)
        join initial_permissions_items i on i.initial_permissions_id = s.id
        join permission p on p.id = i.permission_id)
  )
$$;

-- Whether somebody with the roles 'held' would gain by acting as the user.
create function user_exceeds(member integer, held uuid[]) returns boolean language sql stable as $$
  select user_is_superuser(member) or roles_exceed(array(select user_role_uuids(member)), held)
$$;

-- Whether members of the group, by itself or by those above it, may do what somebody with the roles 'held' may not.
create function group_exceeds(member_of uuid, held uuid[]) returns boolean language sql stable as $$
  with recursive above(group_uuid) as (
    select member_of
    union
    select p.parent from group_parents p join above a on p.child = a.group_uuid
  )
  select exists (select 1 from groups g join above using (group_uuid) where g.is_superuser)
    or roles_exceed(array(select l.role_uuid from group_roles l join above using (group_uuid)), held)
$$;
`;
