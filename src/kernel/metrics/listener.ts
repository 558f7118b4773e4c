import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Context } from '../context.ts';
import { METRICS_PATH } from './route.ts';
import { scrape } from './scrape.ts';

/** The listener; `port` is 0 when there is none. */
export type MetricsListener = { readonly port: number; close(): Promise<void> };

async function answer(ctx: Context, url: string, response: ServerResponse): Promise<void> {
  if (url !== METRICS_PATH) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`Only ${METRICS_PATH} is here.\n`);
    return;
  }
  try {
    const { status, headers, body } = await scrape(ctx);
    response.writeHead(status, { ...headers, 'x-content-type-options': 'nosniff' }).end(body);
  } catch (error) {
    ctx.log.error('metrics failed', { error });
    response.writeHead(500).end();
  }
}

/** Serves the metrics, and nothing else, on an address of their own; nothing without VESTIBULE_METRICS_LISTEN. */
export async function startMetrics(ctx: Context): Promise<MetricsListener> {
  const { metricsListen } = ctx.config;
  if (!metricsListen) return { port: 0, close: async () => undefined };
  const server = createServer((request, response) => void answer(ctx, request.url ?? '', response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(metricsListen.port, metricsListen.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : metricsListen.port,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
