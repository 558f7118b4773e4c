export const sql = `
create table deny_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  deny_message text not null default ''
);
`;
