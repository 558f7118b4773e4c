/** What the list and the figures ask of ten million events (docs/performance-events.md, decision 0080). */
export const sql = `
-- As the list's usual order has it, to the last; with the action, so that counting by day reads the index alone.
drop index event_created;
create index event_created on event (created desc, event_uuid desc) include (action);

-- Finds all that name an application, for the figures about them.
drop index event_authorized_app;
create index event_authorized_app on event ((context #>> '{authorized_application,pk}'), created desc)
  where jsonb_typeof(context -> 'authorized_application') = 'object';

select count_rows_together('event', array['action', 'model_app', 'model_name']);
`;
