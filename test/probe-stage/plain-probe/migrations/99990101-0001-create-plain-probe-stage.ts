export const sql = `
create table plain_probe_stage (
  stage_uuid uuid primary key references stage on delete cascade
);
`;
