/**
 * Deleting a flow or a creator closes their invitations in one update that also takes the reference away, and subtracts
 * them from the counters in one statement for all (decision 0230). Row by row, 10,000 of them took longer than a statement
 * may, so neither could be deleted at all.
 */
export const sql = `
-- In: a condition over r on the rows that are about to close, which the caller has locked. What it subtracts is what the
-- triggers of count_rows would, of each row: see 20261129-2010-count-heavy.
create function invitation_uncount(condition text, value text) returns void language plpgsql as $$
declare
  gone text := 'from invitation r where r.open and ' || condition;
begin
  execute 'insert into row_count (counted, value, rows)
    select ''invitation''::text, ''''::text, -count(*) ' || gone || ' having count(*) > 0
    union all
    select ''invitation.flow'', r.flow::text, -count(*) ' || gone || ' and r.flow is not null group by r.flow
    union all
    select ''invitation.created_by'', r.created_by::text, -count(*) ' || gone || ' and r.created_by is not null
      group by r.created_by
    union all
    select ''invitation.flow,created_by'', jsonb_build_array(r.flow::text, r.created_by::text)::text, -count(*) ' || gone
      || ' and r.flow is not null and r.created_by is not null group by r.flow, r.created_by' using value;
  if exists (select from counted_value where counted like 'invitation.%') then
    execute 'insert into row_count (counted, value, rows)
      select v.counted, v.value, -count(*)
      from (select r.name::text, to_json(r.expires at time zone ''UTC'') #>> ''{}'' as expires, r.flow::text,
        r.created_by::text ' || gone || ') r, unnest(array[
          ''invitation.name='' || r.name, ''invitation.expires='' || r.expires]) l(lead)
        join counted_value v using (lead)
      where jsonb_build_object(''name'', r.name, ''expires'', r.expires, ''flow'', r.flow, ''created_by'', r.created_by)
        @> v.texts
      group by 1, 2' using value;
  end if;
end $$;

create or replace function invitation_close_of_flow() returns trigger language plpgsql as $$
begin
  perform from invitation r where r.flow = old.flow_uuid for no key update;
  perform invitation_uncount('r.flow = $1::uuid', old.flow_uuid::text);
  perform set_config('vestibule.counted', 'together', true);
  update invitation set revoked = coalesce(revoked, now()), flow = null where flow = old.flow_uuid;
  perform set_config('vestibule.counted', '', true);
  return old;
end $$;

create or replace function invitation_close_of_creator() returns trigger language plpgsql as $$
begin
  perform from invitation r where r.created_by = old.id for no key update;
  perform invitation_uncount('r.created_by = $1::integer', old.id::text);
  perform set_config('vestibule.counted', 'together', true);
  update invitation set revoked = coalesce(revoked, now()), created_by = null where created_by = old.id;
  perform set_config('vestibule.counted', '', true);
  return old;
end $$;

-- As count_rows makes it, and not while those are closed together.
create or replace trigger invitation_counted_update after update on invitation for each row
  when ((old.name is distinct from new.name or old.expires is distinct from new.expires
      or old.created_by is distinct from new.created_by or old.flow is distinct from new.flow
      or (old.open) is distinct from (new.open))
    and current_setting('vestibule.counted', true) is distinct from 'together')
  execute function invitation_counted();
`;
