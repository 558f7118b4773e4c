/** What the list counts, filters and orders by, at a million invitations (docs/performance.md). */
export const sql = `
-- Triggers that name the column stand in the way for a moment.
do $$
declare
  name text;
  definition text;
  names text[];
  definitions text[];
begin
  select array_agg(tgname::text), array_agg(pg_get_triggerdef(oid)) into names, definitions
  from pg_trigger where tgrelid = 'invitation'::regclass and not tgisinternal;
  foreach name in array coalesce(names, '{}') loop execute format('drop trigger %I on invitation', name); end loop;
  alter table invitation alter column name type text collate "C";
  foreach definition in array coalesce(definitions, '{}') loop execute definition; end loop;
end
$$;

drop index invitation_order;
drop index invitation_name;
-- Each serves a filter in the list's usual order, and an order by its first column, both ways.
create index invitation_order on invitation (expires, invite_uuid) where open;
create index invitation_open_name on invitation (name, expires, invite_uuid) where open;
create index invitation_open_flow on invitation (flow, expires, invite_uuid) where open;
create index invitation_open_created_by on invitation (created_by, expires, invite_uuid) where open;
create index invitation_open_single_use on invitation (single_use, expires, invite_uuid) where open;

select index_search('invitation_search', 'invitation', array['name'], 'open');

select count_rows('invitation', 'r.open', array['flow', 'created_by']);
`;
