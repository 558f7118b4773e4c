import { destination as openDestination, pino, stdTimeFunctions } from 'pino';
import type { Logger as Pino } from 'pino';
import { redactFields, redactText } from './redact.ts';
import { formatText } from './text-format.ts';
import type { Logger, LogFields } from './types.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Where lines go; each ends with a line feed. */
export type LogDestination = { write(line: string): void };

export type LogOptions = {
  readonly level: Level;
  /** `json`: one object a line. `text`: lines for people. */
  readonly format: 'text' | 'json';
  /** Default: standard error; see {@link openStandardError}. */
  readonly destination?: LogDestination;
};

// Characters that are written at once, and milliseconds that a line waits for others at most.
const BLOCK = 8192;
const LONGEST_WAIT_MS = 200;

/**
 * Standard error in blocks: a system call for each request is a tenth of what its log line costs. Whatever ends the
 * process with an exit event, an error that nobody caught too, writes the rest first; a signal that kills outright loses
 * at most the last fifth of a second. Warnings and errors do not wait.
 */
function openStandardError(): LogDestination & { flush(): void } {
  const stream = openDestination({ dest: 2, sync: true, minLength: BLOCK, periodicFlush: LONGEST_WAIT_MS });
  const flush = (): void => stream.flushSync();
  process.on('exit', flush);
  return { write: (line) => void stream.write(line), flush };
}

/** The structured log of a process, with a net that redacts secrets (T08). Errors carry their stack at level error or debug. */
export function createLogger(options: LogOptions): Logger {
  const { destination, flush } = openLog(options);
  const stream =
    options.format === 'json' ? destination : { write: (line: string) => destination.write(formatText(line)) };
  const engine = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are described by redactFields already; pino would describe that description.
      serializers: { err: (value: unknown) => value },
    },
    stream,
  );
  return wrap({ engine, flush, debugging: options.level === 'debug' }, {});
}

function openLog({ destination }: LogOptions): { destination: LogDestination; flush: () => void } {
  if (destination) return { destination, flush: () => undefined };
  const opened = openStandardError();
  return { destination: opened, flush: opened.flush };
}

type Sink = { readonly engine: Pino; readonly flush: () => void; readonly debugging: boolean };

function wrap(sink: Sink, context: LogFields): Logger {
  const { engine, flush, debugging } = sink;
  function write(level: Level, message: string, fields: LogFields): void {
    if (!engine.isLevelEnabled(level)) return;
    engine[level](redactFields({ ...context, ...fields }, debugging || level === 'error'), redactText(message));
    if (level === 'warn' || level === 'error') flush();
  }
  return {
    debug: (message, fields = {}) => write('debug', message, fields),
    info: (message, fields = {}) => write('info', message, fields),
    warn: (message, fields = {}) => write('warn', message, fields),
    error: (message, fields = {}) => write('error', message, fields),
    child: (fields) => wrap(sink, { ...context, ...fields }),
  };
}
