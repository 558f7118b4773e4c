/** Two filters at once, and searches for a part of an instant, at a million invitations (docs/performance.md). */
export const sql = `
create index invitation_open_pair on invitation (flow, created_by, expires, invite_uuid) where open;
-- The beginning of invitation_created_by_created.
drop index invitation_created_by;
-- Instants with a part of a second: few have one. Without this a search for a number reads every expiry.
create index invitation_open_fraction on invitation
  ((date_part('microseconds', expires at time zone 'UTC')::integer % 1000000))
  where open and (date_part('microseconds', expires at time zone 'UTC')::integer % 1000000) <> 0;
-- How rare they are, which the index cannot tell where it is empty.
create statistics invitation_fraction on (date_part('microseconds', expires at time zone 'UTC')::integer % 1000000)
  from invitation;

select count_rows('invitation', 'r.open', array['flow', 'created_by', 'flow,created_by']);
`;
