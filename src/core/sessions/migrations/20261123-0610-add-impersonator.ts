export const sql = `
alter table session add impersonator_id integer references users on delete cascade;
comment on column session.impersonator_id is 'Who acts as the user; the session ends for them when it may not go on.';
create index session_impersonator on session (impersonator_id) where impersonator_id is not null;

-- Whether somebody may act as the user now: nobody by it may do more than they may themselves.
create function may_impersonate(by_whom integer, member integer) returns boolean language sql stable as $$
  select exists (select 1 from users where id = by_whom and is_active)
    and (user_is_superuser(by_whom) or not user_exceeds(member, array(select user_role_uuids(by_whom))))
$$;
`;
