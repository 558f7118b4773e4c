export const sql = `
create table invitation_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  continue_flow_without_invitation boolean not null default false
);

create table invitation (
  invite_uuid uuid primary key default gen_random_uuid(),
  name text not null,
  expires timestamptz,
  fixed_data jsonb not null default '{}',
  created_by integer not null references users on delete cascade,
  single_use boolean not null default false,
  flow uuid references flow on delete cascade,
  created timestamptz not null default now(),
  -- When its only use was made. The row stays as its history; the API does not see it any more (contract D4).
  used_up timestamptz
);
create index invitation_order on invitation (expires desc, invite_uuid) where used_up is null;
create index invitation_name on invitation (name) where used_up is null;
create index invitation_created_by on invitation (created_by);
create index invitation_flow on invitation (flow);

create table invitation_use (
  use_uuid uuid primary key default gen_random_uuid(),
  invitation uuid not null references invitation on delete cascade,
  used timestamptz not null default now(),
  user_id integer references users on delete set null,
  client_ip text
);
create index invitation_use_invitation on invitation_use (invitation);
create index invitation_use_user on invitation_use (user_id);
`;
