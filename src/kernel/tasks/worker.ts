import { Logger as WorkerLogger, run, runMigrations } from 'graphile-worker';
import type { ParsedCronItem, Runner, TaskList } from 'graphile-worker';
import { parseCronItems } from 'graphile-worker';
import { Pool } from 'pg';
import type { Context } from '../context.ts';
import { clientConfig } from '../db/connection.ts';
import type { Connection } from '../db/connection.ts';
import type { Logger } from '../log/types.ts';
import type { Json } from '../schema/types.ts';
import { task } from './task.ts';

export type Worker = { stop(): Promise<void> };

function quietLogger(log: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message) => {
    if (level === 'error') log.error('worker', { detail: message });
    else if (level === 'warning') log.warn('worker', { detail: message });
    else log.debug('worker', { detail: message });
  });
}

function createPool(connection: Connection, log: Logger): Pool {
  // A job may take longer than a request's statement; the queue's own are short.
  const pool = new Pool({ ...clientConfig(connection, { statementTimeoutMs: 60_000 }), max: 3 });
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

function taskList(ctx: Context): TaskList {
  const runs = ctx.registry.all(task).map((wanted) => [
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

/** Starts to work off the queue and the schedules, on connections of its own. */
export async function startWorker(ctx: Context, connection: Connection): Promise<Worker> {
  const pgPool = createPool(connection, ctx.log);
  const runner: Runner = await run({
    pgPool,
    taskList: taskList(ctx),
    parsedCronItems: schedules(ctx),
    concurrency: 2,
    noHandleSignals: true,
    logger: quietLogger(ctx.log),
  });
  return {
    async stop() {
      await runner.stop().catch(() => {});
      await pgPool.end();
    },
  };
}
