/** What ends in an orderly way: `close` finishes what is under way after `delay` milliseconds. */
export type Stoppable = { close(delay?: number): Promise<void> };

const LONGEST_STOP_MS = 30_000;

/** The first signal lets work finish, the second ends the process at once. Ctrl-C waits for no load balancer. */
export function stopOnSignals(running: Stoppable, delay: number): void {
  let stopping = false;
  const stop = (wait: number): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => {
      console.error('Some work did not finish in time.');
      process.exit(1);
    }, wait + LONGEST_STOP_MS).unref();
    running.close(wait).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop(delay));
  process.on('SIGINT', () => stop(0));
}
