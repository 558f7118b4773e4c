/** What the list filters by most as columns of its own: only of a column can an index alone tell the number of rows. */
export const sql = `
alter table event
  add column username text collate "C" generated always as (user_data ->> 'username') stored,
  add column model_app text collate "C" generated always as (context #>> '{model,app}') stored,
  add column model_name text collate "C" generated always as (context #>> '{model,model_name}') stored,
  add column model_pk text collate "C" generated always as (context #>> '{model,pk}') stored;

drop index event_username;
drop index event_model_pk;
drop index event_model_name;
drop index event_model_app;
create index event_username on event (username, created desc);
create index event_model_pk on event (model_pk, created desc) where model_pk is not null;
create index event_model_name on event (model_name, created desc) where model_name is not null;
create index event_model_app on event (model_app, created desc) where model_app is not null;
`;
