/**
 * `count_rows` takes columns of many values as a fourth argument ('name', 'expires'). A value of theirs, or a combination
 * with others', has a counter only where `counted_value` names it: somebody asked for it, and very many rows have it. The
 * triggers add to that counter and to no other (decision 0090).
 *
 * `settle_value` makes a counter exact without keeping anybody from writing: the triggers add to it from the moment that
 * it is named, and when whoever began to write before that has ended, one statement adds what there was besides.
 */
export const sql = `
-- The texts of a counter's value by column: '{"name": "welcome", "flow": "…"}'.
create function counted_texts(counted text, value text) returns jsonb language sql immutable as $$
  select case when counted like '%,%'
    then jsonb_object(string_to_array(split_part(counted, '.', 2), ','), array(select jsonb_array_elements_text(value::jsonb)))
    else jsonb_object(array[split_part(counted, '.', 2)], array[value]) end
$$;

create table counted_value (
  -- As in row_count.
  counted text collate "C" not null,
  value text collate "C" not null,
  -- Whether the counter's sum is the number of rows.
  exact boolean not null default false,
  texts jsonb not null generated always as (counted_texts(counted, value)) stored,
  -- The first column with its text, by which a row finds its counters: 'invitation.name=welcome'.
  lead text collate "C" not null generated always as (
    split_part(counted, ',', 1) || '=' || (counted_texts(counted, value) ->> split_part(split_part(counted, ',', 1), '.', 2))
  ) stored,
  primary key (counted, value)
);
create index counted_value_lead on counted_value (lead);

drop function count_rows(text, text, text[]);
create function count_rows(counted_table text, condition text, columns text[], heavy text[] default '{}') returns void
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
  moved text;
  anything text;
  row_texts text;
  row_leads text;
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

  -- The texts of a row, and what its counters may begin with: every one has a column in it that is not counted anyway.
  select string_agg(format('%L, %s', h.c, t.text), ', ' order by h.at),
      string_agg(format('%L || %s', counted_table || '.' || h.c || '=', t.text), ', ' order by h.at)
        filter (where h.c <> all(columns))
    into row_texts, row_leads
    from unnest(heavy) with ordinality h(c, at)
    join pg_attribute a on a.attrelid = counted_table::regclass and a.attname = h.c,
    lateral (select case when a.atttypid = 'timestamptz'::regtype
      then format($$(to_json(r.%I at time zone 'UTC') #>> '{}')$$, h.c) else format('r.%I::text', h.c) end) t(text);
  row_texts := format('jsonb_build_object(%s)', row_texts);
  row_leads := case when row_leads is null then $$'{}'::text[]$$ else format('array[%s]', row_leads) end;

  select string_agg(distinct format('old.%1$I is distinct from new.%1$I', k), ' or ') into moved
    from unnest(columns) c, unnest(string_to_array(c, ',')) k;
  moved := concat_ws(' or ', moved, format('(%s) is distinct from (%s)',
    replace(condition, 'r.', 'old.'), replace(condition, 'r.', 'new.')));
  select concat_ws(' or ', string_agg(format('old.%1$I is distinct from new.%1$I', h), ' or '), moved) into anything
    from unnest(heavy) h where h <> all(columns);

  execute format($body$
    create or replace function %1$I() returns trigger language plpgsql as $trigger$
    begin
      if tg_op = 'INSERT' then
        insert into row_count (counted, value, rows) %2$s;
        if exists (select from counted_value) then
          insert into row_count (counted, value, rows)
            select v.counted, v.value, count(*) from added r, unnest(%8$s) l(lead) join counted_value v using (lead)
            where (%9$s) and %10$s @> v.texts group by 1, 2;
        end if;
      elsif tg_op = 'DELETE' then
        insert into row_count (counted, value, rows) %3$s;
        if exists (select from counted_value) then
          insert into row_count (counted, value, rows)
            select v.counted, v.value, -count(*) from removed r, unnest(%8$s) l(lead) join counted_value v using (lead)
            where (%9$s) and %10$s @> v.texts group by 1, 2;
        end if;
      elsif tg_op = 'UPDATE' then
        if %7$s then
          insert into row_count (counted, value, rows)
            select c.counted, c.value, sum(c.rows) from (%4$s) c(counted, value, rows)
            group by c.counted, c.value having sum(c.rows) <> 0;
        end if;
        if exists (select from counted_value) then
          insert into row_count (counted, value, rows)
            select v.counted, v.value, sum(c.rows) from (
              select %8$s, %10$s, -1 from (select old.*) r where (%9$s)
              union all
              select %8$s, %10$s, 1 from (select new.*) r where (%9$s)
            ) c(leads, texts, rows), unnest(c.leads) l(lead) join counted_value v using (lead)
            where c.texts @> v.texts group by 1, 2 having sum(c.rows) <> 0;
        end if;
      else
        -- Nobody adds up meanwhile: what that made would be left over.
        lock table row_count in share row exclusive mode;
        delete from row_count where counted = %5$L or counted like %6$L;
      end if;
      return null;
    end
    $trigger$
    $body$, name, added, removed, changed, counted_table, counted_table || '.%', moved,
    row_leads, condition, row_texts);
  execute format($body$
    create or replace function %1$I() returns void language plpgsql as $trigger$
    begin
      -- Counted again by settle_value.
      update counted_value set exact = false where exact and counted like %4$L;
      lock table %2$I in share row exclusive mode;
      lock table row_count in share row exclusive mode;
      delete from row_count where counted = %3$L or counted like %4$L;
      insert into row_count (counted, value, rows) %5$s;
    end
    $trigger$;
    create or replace trigger %6$I after insert on %2$I referencing new table as added
      for each statement execute function %9$I();
    create or replace trigger %7$I after delete on %2$I referencing old table as removed
      for each statement execute function %9$I();
    create or replace trigger %8$I after truncate on %2$I for each statement execute function %9$I();
    $body$, name || '_anew', counted_table, counted_table, counted_table || '.%', one,
    name || '_insert', name || '_delete', name || '_truncate', name);
  -- Rows with that value. Stable: it sees what the statement sees that asks it.
  execute format($body$
    create or replace function %1$I(texts jsonb) returns bigint language plpgsql stable as $count$
    declare
      conditions text;
      rows bigint;
    begin
      select string_agg(case when a.atttypid = 'timestamptz'::regtype
          then format($$r.%%I = (%%L::timestamp at time zone 'UTC')$$, p.name, p.text)
          else format('r.%%I = %%L::%%s', p.name, p.text, a.atttypid::regtype) end, ' and ') into conditions
        from jsonb_each_text(texts) p(name, text)
        join pg_attribute a on a.attrelid = %2$L::regclass and a.attname = p.name;
      execute 'select count(*) from ' || %3$L || ' r where (' || %4$L || ') and ' || conditions into rows;
      return rows;
    end
    $count$
    $body$, name || '_of', counted_table, quote_ident(counted_table), condition);
  -- By row, and only where the numbers change: an ordinary update must not pay for a transition table.
  execute format('create or replace trigger %I after update on %I for each row when (%s) execute function %I()',
    name || '_update', counted_table, anything, name);
  perform recount_rows(counted_table);
end
$make$;

create function settle_value(of_counted text, of_value text) returns void language plpgsql as $$
declare
  counted_table text := split_part(of_counted, '.', 1);
  texts jsonb;
begin
  -- Before anything that a truncation waits for.
  execute format('lock table %I in access share mode', counted_table);
  select v.texts into texts from counted_value v
    where v.counted = of_counted and v.value = of_value and not v.exact for update skip locked;
  if not found then return; end if;
  -- One statement sees one state of rows and differences.
  execute format('insert into row_count (counted, value, rows)
    select $1, $2, c.rows from (select %I($3) - coalesce((
      select sum(d.rows) from row_count d where d.counted = $1 and d.value = $2), 0)) c(rows) where c.rows <> 0',
    counted_table || '_counted_of') using of_counted, of_value, texts;
  update counted_value v set exact = true where v.counted = of_counted and v.value = of_value;
end
$$;
`;
