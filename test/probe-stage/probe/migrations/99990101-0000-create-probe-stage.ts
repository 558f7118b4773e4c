export const sql = `
create table probe_stage (
  stage_uuid uuid primary key references stage on delete cascade,
  question text not null,
  expected text not null,
  answers integer not null default 0
);

create table probe_answer (
  answer_uuid uuid primary key default gen_random_uuid(),
  stage uuid not null references probe_stage on delete cascade,
  answered timestamptz not null default now()
);
create index probe_answer_stage on probe_answer (stage);
`;
