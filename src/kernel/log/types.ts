export type LogFields = Record<string, unknown>;

/** Structured log: a stable message and fields. Never a token, cookie, password or `itoken` value. */
export type Logger = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
};
