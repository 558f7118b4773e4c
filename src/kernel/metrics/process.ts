import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { IntervalHistogram } from 'node:perf_hooks';
import { VERSION } from '../version.ts';
import type { Gauge, GaugeSource } from './gauge.ts';

const RESOLUTION_MS = 20;

// Sampled from the first scrape on: who never looks does not pay.
let delay: IntervalHistogram | undefined;

/**
 * How late the event loop was. In: nanoseconds from one sample to the next, as Node measures; a little more than 20 ms
 * where nothing held it up, and next to nothing where there was no sample since the last scrape. Out: seconds.
 */
export function lateness(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3) : 0;
}

function loopDelay(): Gauge {
  if (!delay) {
    delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
  }
  const samples = [0.5, 0.99].map((quantile) => ({
    labels: [`quantile="${quantile}"`],
    value: lateness(delay?.percentile(quantile * 100) ?? 0),
  }));
  delay.reset();
  return {
    name: 'vestibule_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape.',
    samples,
  };
}

function memory(): Gauge {
  const { rss, heapUsed, external } = process.memoryUsage();
  const samples = Object.entries({ rss, heap: heapUsed, external }).map(([kind, value]) => ({
    labels: [`kind="${kind}"`],
    value,
  }));
  return { name: 'vestibule_process_memory_bytes', help: 'Memory of the process.', samples };
}

/** What the process itself needs: memory, processor, the event loop. */
export const processGauges: GaugeSource = {
  name: 'process',
  async read(ctx) {
    const { user, system } = process.cpuUsage();
    return [
      {
        name: 'vestibule_info',
        help: 'The program and its engine.',
        samples: [{ labels: [`version="${VERSION}"`, `node="${process.versions.node}"`], value: 1 }],
      },
      memory(),
      {
        name: 'vestibule_process_cpu_seconds',
        help: 'Processor time used since the start.',
        samples: [{ value: (user + system) / 1e6 }],
      },
      {
        name: 'vestibule_process_uptime_seconds',
        help: 'Time since the start.',
        samples: [{ value: Math.round(process.uptime()) }],
      },
      loopDelay(),
      {
        name: 'vestibule_hashing_waiting',
        help: 'Passwords that wait to be hashed.',
        samples: [{ value: ctx.passwords.waiting() }],
      },
    ];
  },
};
