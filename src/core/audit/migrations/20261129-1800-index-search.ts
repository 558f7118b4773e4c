/**
 * The index of the log's search, made behind the log (decision 0081). Which events are not in it yet is noted in the
 * transaction that writes or changes them: a search reads those themselves.
 */
export const sql = `
create table event_unindexed (
  event_uuid uuid not null
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  -- To give pages back it would keep those waiting who write events.
  vacuum_truncate = off
);

create table event_search_state (
  single boolean primary key default true check (single),
  -- Events that were here before anybody noted them, before this place of the list, are still to be noted.
  created timestamptz not null default 'infinity',
  event_uuid uuid not null default 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  -- The last number of a segment.
  segments integer not null default 0
);

create table event_search_segment (
  segment integer primary key,
  -- The segments that it was made of, in the order of its bits; at first itself.
  parts integer[] not null,
  -- When the last of its events is over.
  expires timestamptz not null
);

-- Which events a bit stands for. Block b of part p is p * 64 + b.
create table event_search_block (
  block bigint primary key,
  event_uuids uuid[] not null
);

create table event_search_slice (
  segment integer not null,
  line integer not null,
  bits bytea not null,
  primary key (segment, line)
);

create function event_note_unindexed() returns trigger language plpgsql as $$
begin
  insert into event_unindexed (event_uuid) values (new.event_uuid);
  return null;
end
$$;
create trigger event_unindexed_insert after insert on event for each row execute function event_note_unindexed();
create trigger event_unindexed_update after update on event for each row execute function event_note_unindexed();

-- For whoever changed events behind the triggers: all are taken in anew.
create function reindex_event_search() returns void language sql as $$
  truncate event_unindexed, event_search_state, event_search_segment, event_search_block, event_search_slice;
$$;
`;
