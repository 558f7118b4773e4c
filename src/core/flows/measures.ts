import type { Counter } from '../../kernel/metrics/metrics.ts';
import type { PlanBinding } from './plan.ts';
import type { Run } from './run.ts';
import { Denial } from './stage.ts';

/** What became of the steps of flows. */
const steps: Counter = {
  name: 'vestibule_flow_steps_total',
  help: 'Steps of flows by the kind of their stage and what became of them.',
  labels: ['stage', 'outcome'],
};

/** Notes what a stage answered. */
export function countStep(run: Run, { type }: PlanBinding, outcome: 'challenge' | 'invalid' | 'pass'): void {
  run.request.ctx.metrics.count(steps, [type, outcome]);
}

/** Runs a step and notes that it was denied, or failed; passes the error on. */
export async function countingFaults<T>(run: Run, { type }: PlanBinding, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    run.request.ctx.metrics.count(steps, [type, error instanceof Denial ? 'denied' : 'failed']);
    throw error;
  }
}
