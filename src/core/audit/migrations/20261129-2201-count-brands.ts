/**
 * The brand's name as a column, counted with the others: nearly all events have the same one, which no index counts within
 * the deadline of a query (decision 0200).
 */
export const sql = `
drop index event_brand;
alter table event add column brand_name text collate "C" generated always as (brand ->> 'name') stored;
create index event_brand on event (brand_name, created desc) where brand_name is not null;

drop trigger event_counted_insert on event;
drop trigger event_counted_update on event;
drop trigger event_counted_delete on event;
drop trigger event_counted_truncate on event;
drop function event_counted();
drop function event_counted_anew();
select count_rows_together('event', array['action', 'model_app', 'model_name', 'brand_name']);
`;
