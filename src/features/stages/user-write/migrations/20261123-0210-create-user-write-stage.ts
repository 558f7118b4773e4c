export const sql = `
create table user_write_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  user_creation_mode text not null default 'create_when_required',
  create_users_as_inactive boolean not null default false,
  -- No foreign key: when the group goes, enrollments that promised it fail until somebody decides (T25). With "set
  -- null" people would get in without it.
  create_users_group uuid,
  user_type text not null default 'external',
  user_path_template text not null default ''
);
create index user_write_stage_create_users_group on user_write_stage (create_users_group);
`;
