/**
 * `count_rows` counts by pairs of columns, too ('flow,created_by'), and may be called again for other columns.
 *
 * `count_rows_together(table, columns)` counts the rows by all the columns together, nulls too: one difference for each
 * row, and nothing else. What is asked of a list is added up from the combinations that there are (decision 0080).
 */
export const sql = `
create or replace function count_rows(counted_table text, condition text, columns text[]) returns void
language plpgsql as $make$
declare
  name text := counted_table || '_counted';
  part text;
  added text := '';
  removed text := '';
  changed text := '';
  one text := '';
  col text;
  keys text[];
  value text;
  present text;
begin
  for col in select null union all select unnest(columns) loop
    keys := string_to_array(col, ',');
    select string_agg(format('r.%I::text', k), ', '), string_agg(format('r.%I is not null', k), ' and ')
      into value, present from unnest(keys) k;
    if cardinality(keys) > 1 then value := format('jsonb_build_array(%s)::text', value); end if;
    part := format('select %L::text, %s, %%s from %%s r where (%s)%s having count(*) > 0',
      counted_table || coalesce('.' || col, ''), coalesce(value, $$''::text$$), condition,
      case when col is null then '' else format(' and %s group by %s', present,
        (select string_agg(format('r.%I', k), ', ') from unnest(keys) k)) end);
    added := added || case when added = '' then '' else ' union all ' end || format(part, 'count(*)', 'added');
    removed := removed || case when removed = '' then '' else ' union all ' end || format(part, '-count(*)', 'removed');
    changed := changed || case when changed = '' then '' else ' union all ' end
      || format(part, '-count(*)', '(select old.*)') || ' union all ' || format(part, 'count(*)', '(select new.*)');
    one := one || case when one = '' then '' else ' union all ' end || format(part, 'count(*)', quote_ident(counted_table));
  end loop;
  execute format($body$
    create or replace function %1$I() returns trigger language plpgsql as $trigger$
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
    create or replace function %7$I() returns void language plpgsql as $trigger$
    begin
      lock table %8$I in share row exclusive mode;
      lock table row_count in share row exclusive mode;
      delete from row_count where counted = %5$L or counted like %6$L;
      insert into row_count (counted, value, rows) %9$s;
    end
    $trigger$;
    create or replace trigger %10$I after insert on %8$I referencing new table as added
      for each statement execute function %1$I();
    create or replace trigger %11$I after delete on %8$I referencing old table as removed
      for each statement execute function %1$I();
    create or replace trigger %12$I after truncate on %8$I for each statement execute function %1$I();
    $body$, name, added, removed, changed, counted_table, counted_table || '.%', name || '_anew', counted_table, one,
    name || '_insert', name || '_delete', name || '_truncate');
  -- By row, and only where the numbers change: an ordinary update must not pay for a transition table.
  select string_agg(distinct format('old.%1$I is distinct from new.%1$I', k), ' or ') into part
    from unnest(columns) c, unnest(string_to_array(c, ',')) k;
  execute format('create or replace trigger %I after update on %I for each row when (%s) execute function %I()',
    name || '_update', counted_table, concat_ws(' or ', part, format('(%s) is distinct from (%s)',
      replace(condition, 'r.', 'old.'), replace(condition, 'r.', 'new.'))), name);
  perform recount_rows(counted_table);
end
$make$;

create function count_rows_together(counted_table text, columns text[]) returns void language plpgsql as $make$
declare
  name text := counted_table || '_counted';
  value text;
  keys text;
  changed text;
begin
  select format('jsonb_build_array(%s)::text', string_agg(format('r.%I', c), ', ')), string_agg(format('r.%I', c), ', '),
    string_agg(format('old.%1$I is distinct from new.%1$I', c), ' or ')
    into value, keys, changed from unnest(columns) c;
  execute format($body$
    create function %1$I() returns trigger language plpgsql as $trigger$
    begin
      if tg_op = 'INSERT' then
        insert into row_count (counted, value, rows) values (%2$L, %3$s, 1);
      elsif tg_op = 'DELETE' then
        insert into row_count (counted, value, rows) select %2$L, %5$s, -count(*) from removed r group by %6$s;
      elsif tg_op = 'UPDATE' then
        insert into row_count (counted, value, rows) values (%2$L, %4$s, -1), (%2$L, %3$s, 1);
      else
        -- Nobody adds up meanwhile: what that made would be left over.
        lock table row_count in share row exclusive mode;
        delete from row_count where counted = %2$L;
      end if;
      return null;
    end
    $trigger$;
    create function %7$I() returns void language plpgsql as $trigger$
    begin
      lock table %8$I in share row exclusive mode;
      lock table row_count in share row exclusive mode;
      delete from row_count where counted = %2$L;
      insert into row_count (counted, value, rows) select %2$L, %5$s, count(*) from %8$I r group by %6$s;
    end
    $trigger$;
    create trigger %9$I after insert on %8$I for each row execute function %1$I();
    create trigger %10$I after update on %8$I for each row when (%13$s) execute function %1$I();
    create trigger %11$I after delete on %8$I referencing old table as removed
      for each statement execute function %1$I();
    create trigger %12$I after truncate on %8$I for each statement execute function %1$I();
    $body$, name, counted_table, replace(value, 'r.', 'new.'), replace(value, 'r.', 'old.'), value, keys,
    name || '_anew', counted_table, name || '_insert', name || '_update', name || '_delete', name || '_truncate', changed);
  perform recount_rows(counted_table);
end
$make$;
`;
