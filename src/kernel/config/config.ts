export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'text' | 'json';

/** The settings of one process, read once at start and frozen. */
export type Config = {
  readonly listen: { readonly host: string; readonly port: number };
  /** Origin without trailing slash, e.g. `https://id.example.org`. */
  readonly publicUrl: string | undefined;
  /** `undefined`: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Connections of the pool. */
  readonly databasePool: number;
  readonly dataDir: string;
  readonly secretKey: string | undefined;
  readonly bootstrapEmail: string | undefined;
  readonly bootstrapPassword: string | undefined;
  readonly bootstrapToken: string | undefined;
  /** IP addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly invitationsSurviveInactiveCreator: boolean;
  readonly sessionCookieSameSite: 'lax' | 'none';
};

/** One line for each faulty variable; never the value of a secret. */
export class ConfigError extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'ConfigError';
  }
}

export declare function loadConfig(env: Readonly<Record<string, string | undefined>>): Config;
