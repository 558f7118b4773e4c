export const sql = `
create table user_login_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  session_duration text not null default 'seconds=0',
  terminate_other_sessions boolean not null default false,
  remember_me_offset text not null default 'seconds=0',
  network_binding text not null default 'no_binding',
  geoip_binding text not null default 'no_binding',
  remember_device text not null default 'days=30'
);
`;
