export const sql = `
-- Whether somebody may act as the user now: the right to must be held still, and nobody by it may do more than they may
-- themselves.
create or replace function may_impersonate(by_whom integer, member integer) returns boolean language sql stable as $$
  with held as materialized (select array(select user_role_uuids(by_whom)) as roles)
  select exists (select 1 from users where id = by_whom and is_active)
    and (user_is_superuser(by_whom) or (
      not user_exceeds(member, held.roles)
      and exists (
        select 1 from permission p where p.app_label = 'authentik_core' and p.codename = 'impersonate' and (
          exists (select 1 from role_permission l where l.permission_id = p.id and l.role_uuid = any(held.roles))
          or exists (
            select 1 from role_object_permission o
            where o.permission_id = p.id and o.role_uuid = any(held.roles) and o.object_pk = member::text)))))
  from held
$$;
`;
