export const sql = `
create table seed (
  name text primary key,
  applied timestamptz not null default now()
);
comment on table seed is 'Defaults applied once: deleting or changing what they made is respected ever after.';
`;
