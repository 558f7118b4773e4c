export const sql = `
create table prompt (
  prompt_uuid uuid primary key default gen_random_uuid(),
  name text not null constraint prompt_name_key unique,
  field_key text not null,
  label text not null,
  type text not null,
  required boolean not null default true,
  placeholder text not null default '',
  initial_value text not null default '',
  "order" integer not null default 0,
  sub_text text not null default '',
  placeholder_expression boolean not null default false,
  initial_value_expression boolean not null default false
);

create table prompt_stage (
  stage_uuid uuid primary key references stage on delete cascade
);
create table prompt_stage_field (
  stage_uuid uuid not null references prompt_stage on delete cascade,
  prompt_uuid uuid not null references prompt on delete cascade,
  primary key (stage_uuid, prompt_uuid)
);
create index prompt_stage_field_prompt on prompt_stage_field (prompt_uuid);
create table prompt_stage_policy (
  stage_uuid uuid not null references prompt_stage on delete cascade,
  policy_uuid uuid not null references policy on delete cascade,
  primary key (stage_uuid, policy_uuid)
);
create index prompt_stage_policy_policy on prompt_stage_policy (policy_uuid);
`;
