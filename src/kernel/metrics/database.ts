import { countJobs } from '../tasks/store.ts';
import type { GaugeSource } from './gauge.ts';

/** The pool of connections, and the queue as the database knows it; without a database only the pool. */
export const databaseGauges: GaugeSource = {
  name: 'database',
  async read({ db }) {
    const { total, idle, waiting } = db.connections();
    const pool = {
      name: 'vestibule_database_connections',
      help: 'Connections of the pool, and requests that wait for one.',
      samples: Object.entries({ total, idle, waiting }).map(([state, value]) => ({
        labels: [`state="${state}"`],
        value,
      })),
    };
    const up = (value: number) => ({
      name: 'vestibule_database_up',
      help: 'Whether the database answers.',
      samples: [{ value }],
    });
    const jobs = await countJobs(db).catch(() => undefined);
    if (!jobs) return [pool, up(0)];
    const queue = {
      name: 'vestibule_queue_jobs',
      help: 'Background jobs of the whole installation.',
      samples: Object.entries(jobs).map(([state, value]) => ({ labels: [`state="${state}"`], value })),
    };
    return [pool, up(1), queue];
  },
};
