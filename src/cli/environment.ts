import { loadConfig } from '../kernel/config/config.ts';
import type { Config } from '../kernel/config/config.ts';
import { createLogger } from '../kernel/log/log.ts';
import type { Logger } from '../kernel/log/types.ts';

/** Configuration and log of this process. Throws ConfigError. */
export function readEnvironment(): { config: Config; log: Logger } {
  const config = loadConfig(process.env);
  return { config, log: createLogger({ level: config.logLevel, format: config.logFormat }) };
}

/** Tells people at a terminal what takes a while. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

/** Prints a result: words, or JSON with `--json`. */
export function print(result: { text: string; json: unknown }, asJson: boolean): void {
  console.log(asJson ? JSON.stringify(result.json, null, 2) : result.text);
}
