export const sql = `
create table roles (
  role_uuid uuid primary key default gen_random_uuid(),
  name text not null constraint roles_name_key unique
);
create table user_roles (
  user_id integer not null references users on delete cascade,
  role_uuid uuid not null references roles on delete cascade,
  primary key (user_id, role_uuid)
);
create index user_roles_role on user_roles (role_uuid);
`;
