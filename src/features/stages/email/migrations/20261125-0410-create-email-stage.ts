export const sql = `
create table email_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  use_global_settings boolean not null default true,
  host text not null default 'localhost',
  port integer not null default 25,
  username text not null default '',
  -- Sealed; null without one.
  password_sealed bytea,
  use_tls boolean not null default false,
  use_ssl boolean not null default false,
  timeout integer not null default 10,
  -- Empty: the configured one.
  from_address text not null default '',
  token_expiry text not null default 'minutes=30',
  -- Empty: the template's.
  subject text not null default '',
  template text not null default 'email/password_reset.html',
  activate_user_on_success boolean not null default false,
  recovery_max_attempts integer not null default 5,
  recovery_cache_timeout text not null default 'minutes=5'
);
`;
