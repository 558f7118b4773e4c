export const sql = `
create table policy (
  policy_uuid uuid primary key default gen_random_uuid(),
  name text not null constraint policy_name_key unique,
  type text not null,
  execution_logging boolean not null default false
);

-- What a policy may be bound to: a flow, a stage binding, later an application. Rows come and go with their owners.
create table policy_target (pbm_uuid uuid primary key);

create table policy_binding (
  policy_binding_uuid uuid primary key default gen_random_uuid(),
  target uuid not null references policy_target on delete cascade,
  policy uuid references policy on delete cascade,
  group_uuid uuid references groups on delete cascade,
  user_id integer references users on delete cascade,
  negate boolean not null default false,
  enabled boolean not null default true,
  "order" integer not null,
  timeout integer not null default 30,
  failure_result boolean not null default false,
  expires timestamptz,
  expiring boolean not null default false,
  constraint policy_binding_unique unique (policy, target, "order"),
  constraint policy_binding_one_kind check (num_nonnulls(policy, group_uuid, user_id) = 1)
);
create index policy_binding_target on policy_binding (target, "order");
create index policy_binding_group on policy_binding (group_uuid);
create index policy_binding_user on policy_binding (user_id);

create function policy_target_attach() returns trigger language plpgsql as $$
begin
  new.pbm_uuid := coalesce(new.pbm_uuid, gen_random_uuid());
  insert into policy_target values (new.pbm_uuid);
  return new;
end $$;
create function policy_target_detach() returns trigger language plpgsql as $$
begin
  delete from policy_target where pbm_uuid = old.pbm_uuid;
  return null;
end $$;
`;
