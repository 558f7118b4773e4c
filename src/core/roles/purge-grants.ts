import type { Queryable } from '../../kernel/db/types.ts';
import type { Registry } from '../../kernel/feature.ts';
import { keyKind } from '../../kernel/resource/kinds/reference.ts';
import { resource } from '../../kernel/resource/resource.ts';
import type { Presentable } from '../../kernel/resource/resource.ts';
import { rowsOf } from '../../kernel/resource/show-sql.ts';
import { columnOf } from '../../kernel/resource/sql-text.ts';
import { defineTask } from '../../kernel/tasks/task.ts';

const BATCH = 5000;

const GRANTED = `
  select p.id, p.app_label || '.' || p.model as model from permission p
  where exists (select 1 from role_object_permission g where g.permission_id = p.id) order by p.id`;

// Materialized: only keys of this model may be read as its type.
const purgeSql = (of: Presentable): string => `
  with batch as materialized (
    select distinct object_pk from role_object_permission where permission_id = $1 and object_pk > $2
    order by object_pk limit ${BATCH}
  ), gone as (
    select object_pk from batch where not exists (
      select 1 from ${rowsOf(of, 't')} where ${columnOf('t', of.key)} = batch.object_pk::${keyKind(of).sqlType})
  ), purged as (
    delete from role_object_permission g using gone where g.permission_id = $1 and g.object_pk = gone.object_pk
  )
  select max(object_pk) as last from batch`;

async function purge(db: Queryable, permission: number, of: Presentable): Promise<void> {
  let after: string | null = '';
  while (after !== null) {
    const [batch]: { last: string | null }[] = await db.query(purgeSql(of), [permission, after]);
    after = batch?.last ?? null;
  }
}

/** The declaration of each model, as `app_label.model`. */
const modelsOf = (registry: Registry): ReadonlyMap<string, Presentable> =>
  new Map(registry.all(resource).map((one) => [one.model, one]));

/**
 * Removes what roles are granted on objects that are gone; no object gets the key of another one later. Grants on models
 * that are not declared stay: a feature may come back.
 */
export const purgeGrants = defineTask({
  name: 'roles.purge-grants',
  schedule: '53 3 * * *',
  async run({ db, registry }) {
    const models = modelsOf(registry);
    for (const { id, model } of await db.query<{ id: number; model: string }>(GRANTED)) {
      const of = models.get(model);
      if (of) await purge(db, id, of);
    }
  },
});
