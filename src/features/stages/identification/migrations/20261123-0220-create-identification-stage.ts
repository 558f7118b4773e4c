export const sql = `
create table identification_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  user_fields text[] not null default '{}',
  -- The base table: the tables of other stages are their own business.
  password_stage uuid references stage on delete set null,
  captcha_stage uuid references stage on delete set null,
  webauthn_stage uuid references stage on delete set null,
  case_insensitive_matching boolean not null default true,
  show_matched_user boolean not null default true,
  enrollment_flow uuid references flow on delete set null,
  recovery_flow uuid references flow on delete set null,
  passwordless_flow uuid references flow on delete set null,
  sources uuid[] not null default '{}',
  show_source_labels boolean not null default false,
  pretend_user_exists boolean not null default true,
  enable_remember_me boolean not null default false
);
create index identification_stage_password_stage on identification_stage (password_stage);
create index identification_stage_captcha_stage on identification_stage (captcha_stage);
create index identification_stage_webauthn_stage on identification_stage (webauthn_stage);
create index identification_stage_enrollment_flow on identification_stage (enrollment_flow);
create index identification_stage_recovery_flow on identification_stage (recovery_flow);
create index identification_stage_passwordless_flow on identification_stage (passwordless_flow);
`;
