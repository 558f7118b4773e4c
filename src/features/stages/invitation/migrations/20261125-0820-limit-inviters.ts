export const sql = `
-- What people may invite who have the permission to invite by a role, and no other over invitations.
create table inviter_role (
  role uuid primary key references roles on delete cascade,
  max_uses integer not null check (max_uses > 0),
  -- Seconds from the making of an invitation to its expiry, at most.
  max_lifetime bigint not null check (max_lifetime > 0),
  open_invitations integer not null check (open_invitations >= 0),
  per_day integer not null check (per_day >= 0),
  -- Seconds that an account may live; null: for ever.
  max_account_lifetime bigint check (max_account_lifetime > 0),
  may_mail boolean not null,
  -- Whether somebody has to approve every account.
  approval boolean not null,
  -- Attributes that may be filled in besides what the flow asks for; with all below them.
  attributes text[] not null,
  changed timestamptz not null default now()
);

create table inviter_role_flow (
  role uuid not null references inviter_role on delete cascade,
  flow uuid not null references flow on delete cascade,
  primary key (role, flow)
);
create index inviter_role_flow_flow on inviter_role_flow (flow);

create table inviter_role_group (
  role uuid not null references inviter_role on delete cascade,
  group_uuid uuid not null references groups on delete cascade,
  primary key (role, group_uuid)
);
create index inviter_role_group_group on inviter_role_group (group_uuid);

create table inviter_role_gives (
  role uuid not null references inviter_role on delete cascade,
  gives uuid not null references roles on delete cascade,
  primary key (role, gives)
);
create index inviter_role_gives_gives on inviter_role_gives (gives);

-- For counting what somebody has made, and has open.
create index invitation_created_by_created on invitation (created_by, created);
`;
