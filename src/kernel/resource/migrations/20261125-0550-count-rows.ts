/**
 * Counters of rows that are exact and never waited for (decision 0021). `row_count` holds differences: who changes a
 * counted table adds rows to it, a task adds them up. The sum of what a transaction sees is what it sees of the table.
 *
 * `count_rows(table, condition, columns)` makes a table counted: its rows, and its rows by the values of each column,
 * where the condition over `r` holds. `recount_rows(table)` counts anew, for whoever changed rows behind the triggers.
 */
export const sql = `
create table row_count (
  -- The table, and for rows by value, \`table.column\`.
  counted text collate "C" not null,
  -- Empty for all rows.
  value text collate "C" not null,
  rows bigint not null
);
create index row_count_value on row_count (counted, value) include (rows);

create function count_rows(counted_table text, condition text, columns text[]) returns void language plpgsql as $make$
declare
  name text := counted_table || '_counted';
  part text;
  added text := '';
  removed text := '';
  changed text := '';
  one text := '';
  col text;
begin
  for col in select null union all select unnest(columns) loop
    part := format('select %L::text, %s, %%s from %%s r where (%s)%s having count(*) > 0',
      counted_table || coalesce('.' || col, ''),
      case when col is null then $$''::text$$ else format('r.%I::text', col) end,
      condition,
      case when col is null then '' else format(' and r.%I is not null group by r.%I', col, col) end);
    added := added || case when added = '' then '' else ' union all ' end || format(part, 'count(*)', 'added');
    removed := removed || case when removed = '' then '' else ' union all ' end || format(part, '-count(*)', 'removed');
    changed := changed || case when changed = '' then '' else ' union all ' end
      || format(part, '-count(*)', '(select old.*)') || ' union all ' || format(part, 'count(*)', '(select new.*)');
    one := one || case when one = '' then '' else ' union all ' end || format(part, 'count(*)', quote_ident(counted_table));
  end loop;
  execute format($body$
    create function %1$I() returns trigger language plpgsql as $trigger$
    begin
      if tg_op = 'INSERT' then
        insert into row_count (counted, value, rows) %2$s;
      elsif tg_op = 'DELETE' then
        insert into row_count (counted, value, rows) %3$s;
      elsif tg_op = 'UPDATE' then
        insert into row_count (counted, value, rows)
          select c.counted, c.value, sum(c.rows) from (%4$s) c(counted, value, rows)
          group by c.counted, c.value having sum(c.rows) <> 0;
      else
        -- Nobody adds up meanwhile: what that made would be left over.
        lock table row_count in share row exclusive mode;
        delete from row_count where counted = %5$L or counted like %6$L;
      end if;
      return null;
    end
    $trigger$;
    create function %7$I() returns void language plpgsql as $trigger$
    begin
      lock table %8$I in share row exclusive mode;
      lock table row_count in share row exclusive mode;
      delete from row_count where counted = %5$L or counted like %6$L;
      insert into row_count (counted, value, rows) %9$s;
    end
    $trigger$;
    create trigger %10$I after insert on %8$I referencing new table as added
      for each statement execute function %1$I();
    create trigger %11$I after delete on %8$I referencing old table as removed
      for each statement execute function %1$I();
    create trigger %12$I after truncate on %8$I for each statement execute function %1$I();
    $body$, name, added, removed, changed, counted_table, counted_table || '.%', name || '_anew', counted_table, one,
    name || '_insert', name || '_delete', name || '_truncate');
  -- By row, and only where the numbers change: an ordinary update must not pay for a transition table.
  select string_agg(format('old.%1$I is distinct from new.%1$I', c), ' or ') into part from unnest(columns) c;
  execute format('create trigger %I after update on %I for each row when (%s) execute function %I()', name || '_update',
    counted_table, concat_ws(' or ', part, format('(%s) is distinct from (%s)',
      replace(condition, 'r.', 'old.'), replace(condition, 'r.', 'new.'))), name);
  perform recount_rows(counted_table);
end
$make$;

create function recount_rows(counted_table text) returns void language plpgsql as $$
begin
  execute format('select %I()', counted_table || '_counted_anew');
end
$$;

-- An index for \`ilike '%…%'\` over columns or expressions, where PostgreSQL has pg_trgm; without it searches read the table.
create function index_search(index_name text, indexed_table text, expressions text[], condition text)
returns boolean language plpgsql as $$
begin
  begin
    create extension if not exists pg_trgm;
  exception when insufficient_privilege or undefined_file or feature_not_supported then
    return false;
  end;
  execute format('create index if not exists %I on %I using gin (%s) where %s', index_name, indexed_table,
    (select string_agg(format('(%s) gin_trgm_ops', e), ', ') from unnest(expressions) e), condition);
  return true;
end
$$;
`;
