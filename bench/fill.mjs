/**
 * Fills a table fast: without its indices, triggers and durability, which are put back afterwards; then what is counted
 * is counted anew and PostgreSQL looks at what there is.
 * @param {{ db: import('pg').Client, cluster: import('./cluster.mjs').Cluster, table: string }} where
 * @param {() => Promise<void>} work
 */
export async function fillFast({ db, cluster, table }, work) {
  await setDurable(cluster, false);
  const { rows: indices } = await db.query(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
     from pg_index i where i.indrelid = $1::regclass and not i.indisunique`,
    [table],
  );
  await db.query(`alter table ${table} disable trigger user`);
  for (const { name } of indices) await db.query(`drop index ${name}`);
  await work();
  await db.query(`set maintenance_work_mem = '512MB'`);
  for (const { definition } of indices) await db.query(definition);
  await db.query(`alter table ${table} enable trigger user`);
  await db.query('select recount_rows($1)', [table]);
  await setDurable(cluster, true);
  await db.query(`vacuum analyze ${table}`);
  await db.query('vacuum analyze row_count');
}

async function setDurable({ client }, on) {
  for (const name of ['fsync', 'full_page_writes'])
    await client.query(`alter system set ${name} = ${on ? 'on' : 'off'}`);
  await client.query(`alter system set max_wal_size = '8GB'`);
  await client.query('select pg_reload_conf()');
  if (on) await client.query('checkpoint');
}
