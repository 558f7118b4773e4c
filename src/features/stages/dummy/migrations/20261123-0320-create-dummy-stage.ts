export const sql = `
create table dummy_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  throw_error boolean not null default false
);
`;
