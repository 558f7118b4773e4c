import type { Context } from '../context.ts';
import type { Reply } from '../http/message.ts';
import { gaugeSource, gaugeText } from './gauge.ts';

/** Everything there is to measure, in Prometheus' text format. */
export async function scrape(ctx: Context): Promise<Reply> {
  const gauges = await Promise.all(ctx.registry.all(gaugeSource).map((source) => source.read(ctx)));
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
    body: ctx.metrics.text() + gauges.flat().map(gaugeText).join(''),
  };
}
