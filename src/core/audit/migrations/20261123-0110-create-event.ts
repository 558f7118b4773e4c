export const sql = `
create table event (
  event_uuid uuid primary key default gen_random_uuid(),
  created timestamptz not null default now(),
  action text not null,
  app text not null,
  user_data jsonb not null default '{}',
  context jsonb not null default '{}',
  client_ip text,
  brand jsonb not null default '{}',
  expires timestamptz default now() + interval '365 days'
);
create index event_created on event (created desc, event_uuid);
create index event_action on event (action, created desc);
create index event_expires on event (expires) where expires is not null;
`;
