export const sql = `
create table user_logout_stage (
  stage_uuid uuid primary key references stage on delete cascade
);
`;
