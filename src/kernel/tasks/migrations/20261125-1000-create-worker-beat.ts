export const sql = `
create table worker_beat (
  -- The name under which a runner of the queue locks jobs.
  worker text primary key,
  beat timestamptz not null
);
`;
