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

select index_search('invitation_search', 'invitation', array['name'], 'open');

select count_rows('invitation', 'r.open', array['flow', 'created_by']);
`;
