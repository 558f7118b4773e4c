export const sql = `
-- Answers to requests with an Idempotency-Key, for a day.
create table idempotent_answer (
  owner integer not null,
  key text not null,
  -- A keyed hash of the request.
  fingerprint text not null,
  status integer not null,
  headers jsonb not null,
  -- Sealed: an answer may show what is shown once.
  body bytea not null,
  created timestamptz not null default now(),
  primary key (owner, key)
);
create index idempotent_answer_created on idempotent_answer (created);
`;
