/** What the list counts, filters and orders by, at a million invitations (docs/performance.md). */
export const sql = `
alter table invitation alter column name type text collate "C";

drop index invitation_order;
drop index invitation_name;
-- Each serves a filter in the list's usual order, and an order by its first column, both ways.
create index invitation_order on invitation (expires, invite_uuid) where open;
create index invitation_open_name on invitation (name, expires, invite_uuid) where open;
create index invitation_open_flow on invitation (flow, expires, invite_uuid) where open;
create index invitation_open_created_by on invitation (created_by, expires, invite_uuid) where open;
create index invitation_open_single_use on invitation (single_use, expires, invite_uuid) where open;

-- The wire's text of an instant, for the search; immutable, since it has neither a zone nor a language.
create function invitation_instant(at timestamptz) returns text language sql immutable parallel safe
  return replace(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z');

select index_search('invitation_search', 'invitation', array['name', 'invitation_instant(expires)'], 'open');

select count_rows('invitation', 'r.open', array['flow', 'created_by']);
`;
