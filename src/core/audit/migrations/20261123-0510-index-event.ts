/**
 * Indices for the filters and orders of the list, at ten million rows (docs/performance-events.md). Texts are collated
 * "C" as the list's orders are. `event_cleanse` masks what `cleanse` in Node masks, for events that SQL makes.
 */
export const sql = `
update event set expires = created + interval '365 days' where expires is null;
alter table event
  alter column expires set not null,
  alter column action type text collate "C",
  alter column app type text collate "C",
  alter column client_ip type text collate "C";

drop index event_action;
create index event_action on event (action, created desc);
drop index event_expires;
create index event_expires on event (expires);
create index event_client_ip on event (client_ip, created desc);
create index event_username on event ((user_data ->> 'username'), created desc);
create index event_model_pk on event ((context #>> '{model,pk}'), created desc) where (context #>> '{model,pk}') is not null;
create index event_model_name on event ((context #>> '{model,model_name}'), created desc)
  where (context #>> '{model,model_name}') is not null;
create index event_model_app on event ((context #>> '{model,app}'), created desc)
  where (context #>> '{model,app}') is not null;
create index event_authorized_app on event ((context #>> '{authorized_application,pk}'), created desc)
  where (context #>> '{authorized_application,pk}') is not null;
create index event_device on event ((context #>> '{device,pk}'), created desc) where (context #>> '{device,pk}') is not null;
create index event_brand on event ((brand ->> 'name'), created desc) where (brand ->> 'name') is not null;

create function event_cleanse(value jsonb) returns jsonb language plpgsql immutable parallel safe as $$
declare
  telling constant text := 'pass(word|phrase)?|secret|token|credential|api_?key|private_?key|authorization|cookie';
begin
  -- Most values name no such key at all.
  if value is null or jsonb_typeof(value) not in ('object', 'array') or value::text !~* telling then
    return value;
  end if;
  if jsonb_typeof(value) = 'array' then
    return (select coalesce(jsonb_agg(event_cleanse(e.item) order by e.n), '[]')
      from jsonb_array_elements(value) with ordinality e(item, n));
  end if;
  return (select coalesce(jsonb_object_agg(e.key, case
      when e.key ~* telling and jsonb_typeof(e.value) not in ('null', 'boolean') then '"********************"'::jsonb
      else event_cleanse(e.value)
    end), '{}') from jsonb_each(value) e);
end
$$;
`;
