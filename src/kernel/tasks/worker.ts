import { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Logger as WorkerLogger, run, runMigrations } from 'graphile-worker';
import type { ParsedCronItem, Runner, TaskList, WorkerEvents } from 'graphile-worker';
import { parseCronItems } from 'graphile-worker';
import { Pool } from 'pg';
import type { Context } from '../context.ts';
import { clientConfig } from '../db/connection.ts';
import type { Connection } from '../db/connection.ts';
import type { Logger } from '../log/types.ts';
import type { Json } from '../schema/types.ts';
import { startHeartbeat } from './heartbeat.ts';
import { ping, unlockJobs } from './store.ts';
import { startRepeating } from './repeat.ts';
import { task } from './task.ts';

// Places for tasks: few, because they hold connections; more for those that mostly wait for others.
const PLACES = 2;
const OUTBOUND_PLACES = 8;
// Each runner listens on one connection, and a finished job is told on another; the queue's library warns at the start
// when it may open fewer than a runner has places.
const POOL = OUTBOUND_PLACES;

export type Worker = { stop(): Promise<void> };

const RETRY_MS = 500;
const LOST_STOP_MS = 3000;

// What the queue's library says when its database went away: the listener's connection, or the end of a job that could
// not be written, after which it works no more.
const LOST = ['pool:listen:error', 'pool:fatalError'] as const;

function quietLogger(log: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message) => {
    if (level === 'error') log.error('worker', { detail: message });
    else if (level === 'warning') log.warn('worker', { detail: message });
    else log.debug('worker', { detail: message });
  });
}

function createPool(connection: Connection, log: Logger): Pool {
  // A job may take longer than a request's statement; the queue's own are short.
  const pool = new Pool({ ...clientConfig(connection, { statementTimeoutMs: 60_000 }), max: POOL });
  // Without these a lost connection would end the process.
  pool.on('error', (error) => log.warn('worker lost a connection', { error }));
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Brings the queue's own schema up to date. */
export async function migrateQueue(connection: Connection, log: Logger): Promise<void> {
  const pgPool = createPool(connection, log);
  try {
    await runMigrations({ pgPool, logger: quietLogger(log) });
  } finally {
    await pgPool.end();
  }
}

function taskList(ctx: Context, outbound: boolean): TaskList {
  const tasks = ctx.registry.all(task).filter((wanted) => (wanted.outbound === true) === outbound);
  const runs = tasks.map((wanted) => [
    wanted.name,
    // The payload is what `enqueue` wrote or, from a schedule, the queue's own note.
    (payload: unknown) => wanted.run(ctx, JSON.parse(JSON.stringify(payload ?? null)) satisfies Json),
  ]);
  return Object.fromEntries(runs);
}

function schedules(ctx: Context): ParsedCronItem[] {
  return parseCronItems(
    ctx.registry
      .all(task)
      .filter((wanted) => wanted.schedule !== undefined)
      .map((wanted) => ({ task: wanted.name, match: wanted.schedule ?? '', identifier: wanted.name })),
  );
}

type Running = {
  readonly runner: Runner;
  /** Under which name it locks jobs. */
  readonly lockedBy: string;
  /** Resolves when its database went away, or it ended by itself. */
  readonly lost: Promise<void>;
};

/** Tasks that run beside each other: all but the outbound ones, with the schedules; or the outbound ones. */
type Kind = { readonly outbound: boolean; readonly places: number };

const KINDS: readonly Kind[] = [
  { outbound: false, places: PLACES },
  { outbound: true, places: OUTBOUND_PLACES },
];

async function startRunner(ctx: Context, pgPool: Pool, { outbound, places }: Kind): Promise<Running> {
  const events: WorkerEvents = new EventEmitter();
  let lockedBy = '';
  events.on('pool:create', ({ workerPool }) => (lockedBy = workerPool.id));
  const over = LOST.map((name) => new Promise<void>((resolve) => events.once(name, () => resolve())));
  const runner = await run({
    pgPool,
    events,
    taskList: taskList(ctx, outbound),
    parsedCronItems: outbound ? [] : schedules(ctx),
    noHandleSignals: true,
    logger: quietLogger(ctx.log),
    // Batched, even of one: otherwise nobody awaits the end of a job, and one that ends while the database is away ends
    // the process as an unhandled rejection. Batches are tried again.
    preset: { worker: { concurrentJobs: places, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  });
  return { runner, lockedBy, lost: Promise.race([...over, runner.promise]) };
}

/** Stops a runner. One that lost its database may never say that it stopped; then its jobs are over all the same. */
async function stopRunner({ runner, lost }: Running): Promise<void> {
  // It may have ended by itself.
  const stopped = runner.stop().catch(() => {});
  await Promise.race([stopped, lost.then(() => setTimeout(LOST_STOP_MS, undefined, { ref: false }))]);
}

/** Stops a runner when its database is back, frees the jobs that it locked without learning of it, and starts another. */
async function replaceRunner({ ctx, pgPool, kind }: Place, old: Running): Promise<Running> {
  await ping(pgPool);
  await stopRunner(old);
  await unlockJobs(pgPool, old.lockedBy);
  return startRunner(ctx, pgPool, kind);
}

type Place = { readonly ctx: Context; readonly pgPool: Pool; readonly kind: Kind };

type Keeper = Worker & {
  /** Under which name it locks jobs now. */
  lockedBy(): string;
};

/** Keeps a runner of one kind going until it is told to stop; goes on when the database is back. */
async function keep(place: Place): Promise<Keeper> {
  const { ctx, pgPool, kind } = place;
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  let current = await startRunner(ctx, pgPool, kind);

  async function keepRunning(): Promise<void> {
    for (;;) {
      await Promise.race([current.lost, stopped]);
      if (signal.aborted) return;
      try {
        current = await replaceRunner(place, current);
        ctx.log.info('worker goes on');
      } catch (error) {
        ctx.log.warn('worker waits for the database', { error });
        await setTimeout(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  const running = keepRunning();
  return {
    lockedBy: () => current.lockedBy,
    async stop() {
      stopping.abort();
      await running;
      await stopRunner(current);
    },
  };
}

/** Starts to work off the queue and the schedules, on connections of its own. */
export async function startWorker(ctx: Context, connection: Connection): Promise<Worker> {
  const pgPool = createPool(connection, ctx.log);
  const keepers: Keeper[] = [];
  for (const kind of KINDS) keepers.push(await keep({ ctx, pgPool, kind }));
  const heartbeat = await startHeartbeat(pgPool, () => keepers.map((keeper) => keeper.lockedBy()), ctx.log);
  const repeating = startRepeating(ctx);
  return {
    async stop() {
      await repeating.stop();
      await Promise.all(keepers.map((keeper) => keeper.stop()));
      await heartbeat.stop();
      await pgPool.end();
    },
  };
}
