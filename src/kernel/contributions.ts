import { ephemeralTable } from './backup/points.ts';
import type { Contribution } from './feature.ts';
import { roomChanged } from './events/room-event.ts';
import { requestFailed } from './http/failure-event.ts';
import { rawRoute } from './http/raw-route.ts';
import { databaseGauges } from './metrics/database.ts';
import { gaugeSource } from './metrics/gauge.ts';
import { processGauges } from './metrics/process.ts';
import { metricsRoute } from './metrics/route.ts';
import { purgeAnswers } from './own-api/idempotency.ts';
import { purgeCounts } from './own-api/limit.ts';
import { foldRowCounts, settleRowCounts } from './resource/tasks.ts';
import { freeJobs } from './tasks/heartbeat.ts';
import { task } from './tasks/task.ts';
import { healthLive, healthReady } from './http/health.ts';

/** What the kernel itself brings to the extension points. */
export const kernelContributions: readonly Contribution[] = [
  rawRoute(healthLive),
  rawRoute(healthReady),
  requestFailed,
  roomChanged,
  rawRoute(metricsRoute),
  task(purgeAnswers),
  task(purgeCounts),
  gaugeSource(processGauges),
  gaugeSource(databaseGauges),
  task(foldRowCounts),
  task(settleRowCounts),
  task(freeJobs),
  ephemeralTable({ table: 'api_quota', why: 'It is counted anew.' }),
  ephemeralTable({ table: 'worker_beat', why: 'Its workers are not those of the restored installation.' }),
];
