/**
 * The day's count is kept in slots, so that requests of one sender do not wait for one another's commits (decision 0220).
 * What was written of the sender in a message was read by nobody, and checking it locked the sender's row each time.
 */
export const sql = `
-- How many people somebody had mailed to on a day (UTC). Each slot has room for some more of the budget, and what all have
-- together is never more than is left of it.
alter table outbox_day
  add column slot integer not null default 0,
  add column room integer not null default 0,
  -- Of which the rooms were made.
  add column budget integer not null default 0,
  drop constraint outbox_day_pkey,
  add primary key (user_id, day, slot);

drop index outbox_message_user;
alter table outbox_message drop column user_id;

-- Counts people against the sender's budget of the day; see outbox_queue for its refusal. Only the transaction's own slot is
-- held until its end, and all of them where that one has no room. Who counts twice for a sender in one transaction may be
-- ended as a deadlock then.
create function outbox_count(sender integer, added integer, budget integer) returns void language plpgsql as $$
declare
  -- Transactions follow one another by ones or twos, which all slots are to get their share of.
  slots constant integer := 17;
  own constant integer := pg_current_xact_id()::text::bigint % slots;
  today constant date := (now() at time zone 'UTC')::date;
  mailed integer;
  remaining integer;
begin
  begin
    update outbox_day d set people = d.people + added, room = d.room - added
    where d.user_id = sender and d.day = today and d.slot = own and d.budget = outbox_count.budget and d.room >= added;
    if found then
      return;
    end if;
    -- A row that was found to have no room after waiting for it is locked all the same, and out of order below.
    raise exception using errcode = 'VB000';
  exception when sqlstate 'VB000' then
    null;
  end;
  insert into outbox_day (user_id, day, slot, people) select sender, today, s, 0 from generate_series(0, slots - 1) s
  on conflict do nothing;
  select sum(locked.people) into mailed from (
    select d.people from outbox_day d where d.user_id = sender and d.day = today order by d.slot for update) locked;
  remaining := budget - mailed - added;
  if remaining < 0 then
    raise exception 'the budget of the day is used up'
      using errcode = 'VB429', detail = format('%s %s', greatest(budget - mailed, 0),
        ceil(extract(epoch from date_trunc('day', now(), 'UTC') + interval '1 day' - now())));
  end if;
  update outbox_day d set people = d.people + case when d.slot = own then added else 0 end,
    room = remaining / slots + case when d.slot < remaining % slots then 1 else 0 end, budget = outbox_count.budget
  where d.user_id = sender and d.day = today;
end
$$;

-- As the one before.
create or replace function outbox_queue(messages jsonb, sender integer, budget integer, spoken text, mark text)
returns void language plpgsql as $$
declare
  added integer;
begin
  with given as (select j from jsonb_array_elements(messages) as j),
  message as (
    insert into outbox_message (message_uuid, message_id, cause, object, template, language, content, mark)
    select (j ->> 'id')::uuid, j ->> 'messageId', j ->> 'cause', j ->> 'object', j ->> 'template',
      coalesce(nullif(j ->> 'language', ''), spoken), decode(j ->> 'content', 'base64'), outbox_queue.mark
    from given)
  insert into outbox_recipient (message, position, address, header)
  select (j ->> 'id')::uuid, r.position, r.recipient ->> 'address', r.recipient ->> 'header'
  from given, jsonb_array_elements(j -> 'recipients') with ordinality as r(recipient, position);
  get diagnostics added = row_count;
  if sender is not null then
    -- Last: whoever mails for the same user may have to wait from here to the end of the transaction.
    perform outbox_count(sender, added, budget);
  end if;
end
$$;

-- For processes of versions before, by the same count.
create or replace function outbox_queue(messages jsonb, sender integer, budget integer) returns void language sql as $$
  select outbox_queue(messages, sender, budget, '', null);
$$;
`;
