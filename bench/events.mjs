// How the audit log answers at size: a private cluster, one server process, ten million events by default; each question
// asked over HTTP, with the scans that PostgreSQL chose for it. docs/performance-events.md
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startCluster } from './cluster.mjs';
import { fillFast } from './fill.mjs';
import { startServer } from './server.mjs';

const DATABASE = 'vestibule';
const EVENTS = '/api/v3/events/events/';
const BATCH = 250_000;
const REPEATS = 7;

/** Of so many in a hundred the time is over when the retention job comes. */
const OVER = 1;
const SETTLE_MS = 400;

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '10000000' }, plans: { type: 'boolean', default: false } },
});
const rows = Number(options.rows);

// Of a year: 20,000 users at 50,000 addresses; half are changes of 200,000 objects, a thousandth are suspicious, and a
// thousandth come by a brand of few.
const FILL = `
  insert into event (action, app, user_data, context, client_ip, brand, created, expires)
  select a.name, 'vestibule.api',
    jsonb_build_object('pk', n % 20000, 'username', 'user-' || n % 20000, 'email', 'user-' || n % 20000 || '@example.org'),
    jsonb_build_object('http_request', jsonb_build_object('path', '/api/v3/stages/invitation/invitations/{invite_uuid}/',
      'method', 'PUT', 'request_id', md5(n::text), 'user_agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'))
      || case when a.name <> 'model_updated' then '{}'::jsonb else jsonb_build_object(
        'model', jsonb_build_object('app', case n % 4 when 0 then 'authentik_core' else 'authentik_stages_invitation' end,
          'model_name', case n % 4 when 0 then 'user' else 'invitation' end,
          'pk', md5((n / 2 % 200000)::text), 'name', 'Invitation ' || n),
        'diff', jsonb_build_object('name', jsonb_build_object('previous_value', 'a-' || n, 'new_value', 'b-' || n))) end,
    '10.' || n % 5 || '.' || n % 100 || '.' || n % 251,
    jsonb_build_object('app', 'authentik_brands', 'model_name', 'brand', 'pk', md5(b.name), 'name', b.name),
    at, at + interval '365 days'
  from generate_series($1::bigint, $2::bigint) n
    cross join lateral (select now() - (($3::bigint - n)::double precision / $3::bigint) * interval '364 days' as at) t
    cross join lateral (select case when n % 2 = 0 then 'model_updated' when n % 1000 = 1 then 'suspicious_request'
      when n % 3 = 0 then 'login_failed' else 'login' end as name) a
    cross join lateral (select case when n % 1000 = 7 then 'Brand few.example' else 'Default brand' end as name) b`;

const md5 = (number) => createHash('md5').update(String(number)).digest('hex');

const QUESTIONS = [
  ['first page', ''],
  ['first page, oldest first', '?ordering=created'],
  ['rare action', '?action=suspicious_request'],
  ['half of all: action', '?action=model_updated'],
  ['two actions', '?actions=suspicious_request&actions=logout'],
  ['user', '?username=user-77'],
  ['address', '?client_ip=10.2.77.77'],
  ['object', `?context_model_pk=${'c4ca4238a0b923820dcc509a6f75849b'}`],
  ['object, other spelling', '?context_model_pk=c4ca4238-a0b9-2382-0dcc-509a6f75849b'],
  ['model', '?context_model_name=user'],
  ['application of a model', '?context_model_app=authentik_core'],
  ['application (none)', '?context_authorized_app=x'],
  ['device (none)', '?context_device=x'],
  ['brand (none)', '?brand_name=x'],
  ['brand of nearly all', '?brand_name=Default%20brand'],
  ['brand of few', '?brand_name=Brand%20few.example'],
  ['brand of nearly all, action and model', '?brand_name=Default%20brand&action=model_updated&context_model_name=user'],
  ['brand of few and user', '?brand_name=Brand%20few.example&username=user-1007'],
  ['brand of nearly all and user', '?brand_name=Default%20brand&username=user-77'],
  ['action and model', '?action=model_updated&context_model_name=user'],
  ['two actions, half of all', '?actions=model_updated&actions=suspicious_request'],
  ['user and action', '?username=user-77&action=login'],
  ['user and address, few of both', '?username=user-77&client_ip=10.2.77.77'],
  ['a page a tenth deep', `?page=${Math.ceil(rows / 200)}`],
  ['the last page', '?page=last'],
  ['search among a user’s', '?username=user-77&search=login_failed'],
  ['search: a request, one', `?search=${md5(Math.floor(rows / 3))}`],
  ['search: eight digits of it', `?search=${md5(Math.floor(rows / 3)).slice(8, 16)}`],
  ['search: a name, one', `?search=Invitation%20${Math.floor(rows / 3 / 2) * 2}`],
  ['search: a user', '?search=user-12345'],
  ['search: an address', '?search=10.2.77.77'],
  ['search: two words', '?search=user-12345%20login_failed'],
  ['search: a user, of an action', '?search=user-12345&action=login'],
  ['search: nothing', '?search=nothing-like-this'],
  ['search: nothing, three letters', '?search=zzz'],
  ['search: one in a thousand', '?search=suspicious_request'],
  ['search: half of all', '?search=model_updated'],
  ['search: two letters', '?search=zz'],
  ['volume of a week', 'volume/?history_days=7'],
  ['stats of a user', 'stats/?count_steps=days%3D30&username=user-77'],
  ['volume of a week, one action', 'volume/?history_days=7&action=suspicious_request'],
  ['top_per_user', 'top_per_user/?action=authorize_application'],
  ['top_per_user of all', 'top_per_user/'],
];

async function fill(db) {
  await fillFast({ db, cluster, table: 'event' }, async () => {
    for (let first = 1; first <= rows; first += BATCH) {
      await db.query(FILL, [first, Math.min(first + BATCH - 1, rows), rows]);
    }
  });
}

/** Takes all events into the index of the search, as the task does. */
async function index(db) {
  const [{ openDatabase }, { discoverFeatures }, { modelOf }, { searchedText }, { Event }, { takeIn, joinParts }] =
    await Promise.all(
      [
        'kernel/db/pool',
        'installation',
        'kernel/resource/model',
        'kernel/resource/search',
        'core/audit/index',
        'core/audit/search/take-in',
      ].map((name) => import(`../dist/${name}.js`)),
    );
  const { registry } = await discoverFeatures();
  const text = searchedText(modelOf(Event, registry));
  const own = openDatabase({ connection: databaseUrl, maxConnections: 3, log: console });
  await db.query('select reindex_event_search()');
  const start = performance.now();
  const before = process.cpuUsage();
  while ((await joinParts(own)) || (await takeIn(own, text)));
  const { user, system } = process.cpuUsage(before);
  await own.close();
  const seconds = (performance.now() - start) / 1000;
  console.log(`indexed in ${seconds.toFixed(0)} s, ${((user + system) / rows).toFixed(0)} µs of CPU an event here`);
  await db.query('vacuum analyze event_search_slice, event_search_block, event_unindexed');
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function timeOf(server, path) {
  const times = [];
  let outcome = '';
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = performance.now();
    outcome = await server.ask('GET', path).then(
      ({ pagination }) => (pagination ? `${pagination.count}` : 'ok'),
      (error) => error.message.match(/: (\d{3}) /)?.[1] ?? 'failed',
    );
    times.push(performance.now() - start);
    if (outcome.length === 3 && outcome.startsWith('5')) break;
  }
  return { ms: median(times), outcome };
}

/** Lets some events run out, and the retention job delete them. */
async function measurePurge(db) {
  const { purge } = await import('../dist/core/audit/store.js');
  await db.query(
    `update event set expires = now() - interval '1 hour' where expires < (select min(expires) from event)
       + (select max(expires) - min(expires) from event) * $1::double precision / 100`,
    [OVER],
  );
  const start = performance.now();
  const gone = await purge({ query: async (text, values) => (await db.query(text, values)).rows });
  const seconds = (performance.now() - start) / 1000;
  console.log(`\nThe retention job deleted ${gone} events in ${seconds.toFixed(1)} s.`);
}

const logged = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean);

/** The scans of the event table in the plans that PostgreSQL logs while a request is answered. */
async function scansOf({ server, cluster }, path) {
  const before = logged(cluster.logFile).length;
  await server.ask('GET', path).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const messages = logged(cluster.logFile)
    .slice(before)
    .map((line) => JSON.parse(line).message ?? '')
    .filter((message) => message.includes('plan:') && / on event /.test(message));
  if (options.plans) for (const message of messages) console.log(message);
  return [
    ...new Set(
      messages.flatMap((text) => [...text.matchAll(/(\w[\w ]*Scan(?: using \w+| on \w+)?)/g)].map(([, scan]) => scan)),
    ),
  ];
}

async function explain({ client }, minimum) {
  await client.query(`alter system set auto_explain.log_min_duration = ${minimum}`);
  await client.query('select pg_reload_conf()');
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

const cluster = await startCluster();
const { client } = cluster;
await client.query(`create database ${DATABASE}`);
await client.query(`alter database ${DATABASE} set session_preload_libraries = 'auto_explain'`);
await client.query(`load 'auto_explain'`);
await client.query('alter system set auto_explain.log_min_duration = -1');
await client.query('alter system set auto_explain.log_analyze = on');
await client.query('select pg_reload_conf()');
const databaseUrl = cluster.url.replace('/postgres?', `/${DATABASE}?`);
const server = await startServer({ databaseUrl, env: { VESTIBULE_WORKER: 'false' } });
const pg = (await import('pg')).default;
const filler = new pg.Client({ connectionString: databaseUrl });
await filler.connect();
try {
  const begun = performance.now();
  await fill(filler);
  console.log(`filled in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  await index(filler);
  const size = await filler.query(
    `select pg_size_pretty(pg_table_size('event')) as table, pg_size_pretty(pg_indexes_size('event')) as indices,
       pg_size_pretty(sum(pg_total_relation_size(oid))) as search from pg_class
     where relkind = 'r' and (relname like 'event\\_search%' or relname = 'event_unindexed')`,
  );
  console.log(
    `\n${rows} events, table ${size.rows[0].table}, indices ${size.rows[0].indices}, search ${size.rows[0].search}, PostgreSQL ${cluster.version}\n`,
  );
  console.log('| question | rows | median ms | scans |\n| --- | --- | --- | --- |');
  for (const [name, query] of QUESTIONS) {
    const { ms, outcome } = await timeOf(server, `${EVENTS}${query}`);
    await explain(cluster, 0);
    const scans = await scansOf({ server, cluster }, `${EVENTS}${query}`);
    await explain(cluster, -1);
    console.log(`| ${name} | ${outcome} | ${ms.toFixed(1)} | ${scans.join(', ')} |`);
  }
  await measurePurge(filler);
} finally {
  await filler.end();
  await server.stop();
  await cluster.stop();
}
