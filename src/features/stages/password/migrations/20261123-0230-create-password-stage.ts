export const sql = `
create table password_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  backends text[] not null,
  configure_flow uuid references flow on delete set null,
  failed_attempts_before_cancel integer not null default 5,
  allow_show_password boolean not null default false
);
create index password_stage_configure_flow on password_stage (configure_flow);
`;
