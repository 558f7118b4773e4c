import { setTimeout } from 'node:timers/promises';
import { authentication } from './kernel/authz/authentication.ts';
import { localOrigin } from './kernel/config/own-origin.ts';
import { createServer } from './kernel/http/server.ts';
import type { HttpServer, ServerOptions } from './kernel/http/server.ts';
import { beginDraining, startStep } from './kernel/lifecycle.ts';
import type { Announcement } from './kernel/lifecycle.ts';
import { startMetrics } from './kernel/metrics/listener.ts';
import { startWorker } from './kernel/tasks/worker.ts';
import type { Worker } from './kernel/tasks/worker.ts';
import type { Installation } from './installation.ts';

export type RunningServer = {
  readonly url: string;
  readonly announcements: readonly Announcement[];
  /** Stops: not ready at once, no new jobs, serves `delay` milliseconds more, finishes what is under way (R08). */
  close(delay?: number): Promise<void>;
};

/** The HTTP server of an installation, not listening yet. */
export async function createHttpServer(
  { ctx }: Pick<Installation, 'ctx'>,
  options: Pick<ServerOptions, 'onAnswer' | 'pagesPerSecond'> = {},
): Promise<HttpServer> {
  const authenticate = ctx.registry.find(authentication, 'authentication');
  if (!authenticate) throw new Error('No feature authenticates requests.');
  return createServer({
    ...options,
    context: ctx,
    registry: ctx.registry,
    authenticate: (request) => authenticate(ctx, request),
  });
}

/** Runs the features' start steps in their order. */
export async function runStartSteps({ ctx }: Pick<Installation, 'ctx'>, baseUrl: string): Promise<Announcement[]> {
  const announcements: Announcement[] = [];
  for (const step of ctx.registry.all(startStep)) announcements.push(...(await step.run(ctx, { baseUrl })));
  return announcements;
}

/** Our own origin: the configured one, else where we listen. */
export function baseUrlOf({ ctx }: Pick<Installation, 'ctx'>): string {
  return localOrigin(ctx.config);
}

/** Starts everything of one process: start steps, worker, HTTP. */
export async function startServer(installation: Installation): Promise<RunningServer> {
  const { ctx, connection } = installation;
  const announcements = await runStartSteps(installation, baseUrlOf(installation));
  const http = await createHttpServer(installation);
  const worker: Worker | undefined = ctx.config.worker ? await startWorker(ctx, connection) : undefined;
  const metrics = await startMetrics(ctx);
  await http.listen({ host: ctx.config.listen.host, port: ctx.config.listen.port });
  return {
    url: baseUrlOf(installation),
    announcements,
    async close(delay = 0) {
      beginDraining(ctx);
      const stopped = worker?.stop();
      if (delay > 0) await setTimeout(delay);
      // In-flight requests finish before the database goes.
      await http.close();
      await metrics.close();
      await stopped;
      await installation.close();
    },
  };
}
