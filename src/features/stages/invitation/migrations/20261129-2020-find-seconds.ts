/** Searches for a time of the day, at a million invitations (docs/performance.md). */
export const sql = `
-- The seconds since midnight.
create index invitation_open_second on invitation
  ((floor(date_part('epoch', (expires at time zone 'UTC')::time))::integer)) where open;
-- How many there are of each, which a partial index does not tell.
create statistics invitation_second on (floor(date_part('epoch', (expires at time zone 'UTC')::time))::integer)
  from invitation;
analyze invitation;

-- Nearly all are empty; what a new invitation saves here pays for the index above.
drop index invitation_revoked_by;
create index invitation_revoked_by on invitation (revoked_by) where revoked_by is not null;
`;
