export const sql = `
create table flow (
  flow_uuid uuid primary key default gen_random_uuid(),
  pbm_uuid uuid not null constraint flow_pbm_uuid_key unique,
  name text not null,
  slug text not null constraint flow_slug_key unique,
  title text not null,
  designation text not null,
  background text not null default '',
  policy_engine_mode text not null default 'any',
  compatibility_mode boolean not null default false,
  layout text not null default 'stacked',
  denied_action text not null default 'message_continue',
  authentication text not null default 'none'
);
create index flow_designation on flow (designation, slug);
create trigger flow_target before insert on flow for each row execute function policy_target_attach();
create trigger flow_target_gone after delete on flow for each row execute function policy_target_detach();

create table stage (
  stage_uuid uuid primary key default gen_random_uuid(),
  name text not null constraint stage_name_key unique,
  type text not null
);

create table flow_stage_binding (
  fsb_uuid uuid primary key default gen_random_uuid(),
  pbm_uuid uuid not null constraint flow_stage_binding_pbm_uuid_key unique,
  target uuid not null references flow on delete cascade,
  stage uuid not null references stage on delete cascade,
  evaluate_on_plan boolean not null default false,
  re_evaluate_policies boolean not null default true,
  "order" integer not null,
  policy_engine_mode text not null default 'any',
  invalid_response_action text not null default 'retry',
  constraint flow_stage_binding_unique unique (target, stage, "order")
);
create index flow_stage_binding_target on flow_stage_binding (target, "order");
create index flow_stage_binding_stage on flow_stage_binding (stage);
create trigger flow_stage_binding_target before insert on flow_stage_binding
  for each row execute function policy_target_attach();
create trigger flow_stage_binding_target_gone after delete on flow_stage_binding
  for each row execute function policy_target_detach();

create table flow_plan_cache (
  flow_uuid uuid not null references flow on delete cascade,
  user_key text not null,
  bindings jsonb not null,
  expires timestamptz not null,
  primary key (flow_uuid, user_key)
);
create index flow_plan_cache_expires on flow_plan_cache (expires);

create table flow_token (
  token_uuid uuid primary key default gen_random_uuid(),
  identifier text not null constraint flow_token_identifier_key unique,
  key_hash text not null constraint flow_token_key_hash_key unique,
  flow_uuid uuid not null references flow on delete cascade,
  user_id integer references users on delete cascade,
  plan bytea not null,
  revoke_on_execution boolean not null default true,
  expires timestamptz
);
create index flow_token_expires on flow_token (expires);
`;
