import type { Command } from 'commander';
import { openInstallation } from '../installation.ts';
import type { Discovery } from '../kernel/discover.ts';
import { startMetrics } from '../kernel/metrics/listener.ts';
import { startWorker } from '../kernel/tasks/worker.ts';
import { progress, readEnvironment } from './environment.ts';
import { keepHeapSmall } from './heap.ts';
import { stopOnSignals } from './signals.ts';

/** Adds `worker`: background tasks, mail among them, without the server; any number of processes. */
export function addWorker(program: Command, discovery: Discovery): void {
  program
    .command('worker')
    .description('Run background tasks only. "serve" does so too, unless VESTIBULE_WORKER is false.')
    .action(() => work(discovery));
}

async function work(discovery: Discovery): Promise<void> {
  keepHeapSmall();
  const { config, log } = readEnvironment();
  const parts = { config, log, discovery, migrates: true, attaches: true, onProgress: progress };
  const installation = await openInstallation(parts);
  const { ctx, connection } = installation;
  const worker = await startWorker(ctx, connection);
  const metrics = await startMetrics(ctx);
  stopOnSignals(
    {
      async close() {
        await worker.stop();
        await metrics.close();
        await installation.close();
      },
    },
    0,
  );
  console.log('Vestibule works in the background.');
}
