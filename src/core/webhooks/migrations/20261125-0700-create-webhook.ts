/**
 * Deliveries are made by the statement that writes the event, whoever writes it: the audit log's own or the one that
 * makes a change. So they are committed with it or not at all. The queue's schema is there before anybody can make a
 * webhook.
 */
export const sql = `
create table webhook (
  webhook_uuid uuid primary key default gen_random_uuid(),
  url text not null,
  description text not null default '',
  -- The types that are wanted, and what the audit log calls them.
  events text[] not null,
  sources text[] not null,
  active boolean not null default true,
  -- Sealed. The one before signs too, for a day after it was replaced.
  secret bytea not null,
  old_secret bytea,
  old_secret_until timestamptz,
  created_by integer references users on delete set null,
  created timestamptz not null default now(),
  changed timestamptz not null default now()
);
create index webhook_created on webhook (created desc, webhook_uuid desc);
create index webhook_creator on webhook (created_by);

create table webhook_delivery (
  delivery_uuid uuid primary key default gen_random_uuid(),
  webhook uuid not null references webhook on delete cascade,
  -- Of the event, which may be gone from the audit log before: the id that receivers tell repetitions by.
  event uuid not null,
  -- What the audit log calls it, and what it said; the latter until the body is made of it.
  source text not null,
  occurred timestamptz not null,
  actor jsonb,
  context jsonb,
  -- Made at the first try and the same at each.
  body text,
  -- queued, delivered, deferred, failed or cancelled
  state text not null default 'queued',
  status integer,
  answer text not null default '',
  tries integer not null default 0,
  created timestamptz not null default now(),
  changed timestamptz not null default now(),
  -- The next try; null when nothing is left to do.
  due timestamptz default now(),
  -- Who is at it, and until when nobody else may be: a worker that dies leaves it to run out.
  lease uuid,
  lease_until timestamptz,
  finished timestamptz,
  unique (webhook, event)
);
create index webhook_delivery_list on webhook_delivery (webhook, created desc, delivery_uuid desc);
create index webhook_delivery_due on webhook_delivery (due) where due is not null;
create index webhook_delivery_finished on webhook_delivery (finished) where finished is not null;
create index webhook_delivery_state on webhook_delivery (state) where state <> 'delivered';

create function webhook_source(action text, context jsonb) returns text language sql immutable as $$
  select case
    when action = 'custom_' then context ->> 'action'
    when action in ('model_created', 'model_updated', 'model_deleted')
      then action || ' ' || coalesce(context #>> '{model,app}', '') || '.' || coalesce(context #>> '{model,model_name}', '')
    else action end
$$;

create function webhook_announce() returns trigger language plpgsql as $$
declare
  queued bigint;
begin
  if not exists (select from webhook where active) then
    return null;
  end if;
  with wanted as (
    insert into webhook_delivery (webhook, event, source, occurred, actor, context)
    select w.webhook_uuid, e.event_uuid, s.source, e.created,
      case when e.user_data ? 'pk' then jsonb_build_object('id', e.user_data -> 'pk', 'username', e.user_data -> 'username') end,
      e.context
    from added e cross join lateral (select webhook_source(e.action, e.context) as source) s
      join webhook w on w.active and s.source = any(w.sources)
    returning delivery_uuid)
  select count(graphile_worker.add_job('webhooks.deliver', json_build_object('delivery', delivery_uuid),
    max_attempts => 5, job_key => 'webhook:' || delivery_uuid)) into queued from wanted;
  return null;
end
$$;
create trigger event_webhooks after insert on event referencing new table as added
  for each statement execute function webhook_announce();
`;
