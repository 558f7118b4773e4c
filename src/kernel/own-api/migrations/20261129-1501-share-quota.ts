export const sql = `
-- Requests of a client in the minute that runs, over all processes. Unlogged: a crash of the database forgives a minute.
create unlogged table api_quota (
  -- A keyed hash.
  key text primary key,
  -- The number of the minute.
  minute integer not null,
  count integer not null
);
`;
