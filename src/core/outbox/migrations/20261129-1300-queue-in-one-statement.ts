/**
 * Mails are queued by one statement, with their count against the sender's day: a counter instead of a count of the day's
 * mails, which cost the more the more there were (docs/performance.md).
 */
export const sql = `
-- How many people somebody had mailed to on a day (UTC).
create table outbox_day (
  user_id integer references users on delete cascade,
  day date,
  people integer not null,
  primary key (user_id, day)
);
insert into outbox_day (user_id, day, people)
  select m.user_id, (now() at time zone 'UTC')::date, count(*)
  from outbox_message m join outbox_recipient r on r.message = m.message_uuid
  where m.user_id is not null and m.created >= date_trunc('day', now(), 'UTC')
  group by 1;

-- Stores messages, due at once, and counts their people against the sender's budget. Refuses with VB429, and in the
-- detail how many are left, and seconds until the next day.
create function outbox_queue(messages jsonb, sender integer, budget integer) returns void language plpgsql as $$
declare
  added integer;
  mailed integer;
begin
  with given as (select j from jsonb_array_elements(messages) as j),
  message as (
    insert into outbox_message (message_uuid, message_id, cause, object, user_id, template, language, content)
    select (j ->> 'id')::uuid, j ->> 'messageId', j ->> 'cause', j ->> 'object', sender, j ->> 'template',
      j ->> 'language', decode(j ->> 'content', 'base64')
    from given)
  insert into outbox_recipient (message, position, address, header)
  select (j ->> 'id')::uuid, r.position, r.recipient ->> 'address', r.recipient ->> 'header'
  from given, jsonb_array_elements(j -> 'recipients') with ordinality as r(recipient, position);
  get diagnostics added = row_count;
  if sender is null then
    return;
  end if;
  -- Last: whoever mails for the same user waits from here to the end of the transaction.
  insert into outbox_day as d (user_id, day, people) values (sender, (now() at time zone 'UTC')::date, added)
  on conflict (user_id, day) do update set people = d.people + excluded.people
  returning d.people into mailed;
  if mailed > budget then
    raise exception 'the budget of the day is used up'
      using errcode = 'VB429', detail = format('%s %s', greatest(budget - mailed + added, 0),
        ceil(extract(epoch from date_trunc('day', now(), 'UTC') + interval '1 day' - now())));
  end if;
end
$$;
`;
