/**
 * What a mail is about need not be read before it is queued: the statement that queues it tells its language, and a mark.
 * The function with three parameters stays for processes of the version before.
 */
export const sql = `
-- By which the cause knows, when the message leaves, that it is about the same still.
alter table outbox_message add mark text;

-- As the one before; \`spoken\` is the language of messages that name none.
create function outbox_queue(messages jsonb, sender integer, budget integer, spoken text, mark text) returns void
language plpgsql as $$
declare
  added integer;
  mailed integer;
begin
  with given as (select j from jsonb_array_elements(messages) as j),
  message as (
    insert into outbox_message (message_uuid, message_id, cause, object, user_id, template, language, content,
      mark)
    select (j ->> 'id')::uuid, j ->> 'messageId', j ->> 'cause', j ->> 'object', sender, j ->> 'template',
      coalesce(nullif(j ->> 'language', ''), spoken), decode(j ->> 'content', 'base64'), outbox_queue.mark
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
