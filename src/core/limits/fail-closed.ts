import type { Context } from '../../kernel/context.ts';
import { DatabaseUnavailable } from '../../kernel/db/errors.ts';
import { unavailable } from '../../kernel/errors/index.ts';

/** Runs work on the counters. What cannot be counted is not let through: 503 with `Retry-After`, whatever failed. */
export async function failClosed<T>({ log }: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The HTTP layer makes a 503 of it.
    if (error instanceof DatabaseUnavailable) throw error;
    log.error('a limit could not be judged', { error });
    throw unavailable();
  }
}
