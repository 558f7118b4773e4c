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
  /** Default: standard error, written synchronously, so that nothing is lost when the process ends. */
  readonly destination?: LogDestination;
};

/** The structured log of a process, with a net that redacts secrets (T08). Errors carry their stack at level error or debug. */
export function createLogger(options: LogOptions): Logger {
  const destination = options.destination ?? openDestination({ dest: 2, sync: true });
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
  return wrap(engine, {}, options.level === 'debug');
}

function wrap(engine: Pino, context: LogFields, debugging: boolean): Logger {
  function write(level: Level, message: string, fields: LogFields): void {
    if (!engine.isLevelEnabled(level)) return;
    engine[level](redactFields({ ...context, ...fields }, debugging || level === 'error'), redactText(message));
  }
  return {
    debug: (message, fields = {}) => write('debug', message, fields),
    info: (message, fields = {}) => write('info', message, fields),
    warn: (message, fields = {}) => write('warn', message, fields),
    error: (message, fields = {}) => write('error', message, fields),
    child: (fields) => wrap(engine, { ...context, ...fields }, debugging),
  };
}
