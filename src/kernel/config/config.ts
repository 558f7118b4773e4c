import type { Sender, SmtpServer } from '../mail/types.ts';
import { nearest } from './nearest.ts';
import type { Listen } from './parsers.ts';
import { PREFIX, variables } from './variables.ts';
import type { LogFormat, LogLevel, Variable } from './variables.ts';

export type { LogFormat, LogLevel } from './variables.ts';

/** The settings of one process, read once at start and frozen. */
export type Config = {
  readonly listen: Listen;
  /** Where the metrics are served, besides nothing else. */
  readonly metricsListen: Listen | undefined;
  /** Origin without trailing slash, e.g. `https://id.example.org`. */
  readonly publicUrl: string | undefined;
  /** `undefined`: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Connections of the pool. */
  readonly databasePool: number;
  readonly dataDir: string;
  /** `undefined`: see `loadSecretKey`. */
  readonly secretKey: string | undefined;
  readonly bootstrapEmail: string | undefined;
  readonly bootstrapPassword: string | undefined;
  readonly bootstrapToken: string | undefined;
  /** Seconds between SIGTERM and the end of listening. */
  readonly shutdownDelay: number;
  /** IP addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  /** Wrong passwords, or links, from one network in a quarter of an hour. */
  readonly addressFailures: number;
  /** Holds a password: never logged. `undefined`: no mail. */
  readonly smtpUrl: SmtpServer | undefined;
  readonly mailFrom: Sender | undefined;
  readonly mailLanguage: 'en' | 'de';
  readonly mailTemplates: string | undefined;
  /** Recipients a day and sending user (T21). */
  readonly mailDailyBudget: number;
  /** Whether `serve` works off the queue. */
  readonly outboundAllow: readonly string[];
  readonly worker: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Whether D18 is off. */
  readonly invitationsSurviveInactiveCreator: boolean;
  /** Whether the links of new invitations carry a secret. */
  /** undefined: those that give groups or roles have one. */
  readonly secretLinks: boolean | undefined;
  /** Days. */
  readonly invitationRetention: number;
  /** Requests a minute of one account to the own API. */
  readonly apiRateLimit: number;
  /** D19. */
  readonly sessionCookieSameSite: 'lax' | 'none';
};

/** One line for each faulty variable; never its value, which may be a secret. */
export class ConfigError extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'ConfigError';
  }
}

type Env = Readonly<Record<string, string | undefined>>;

const TEST_PREFIX = `${PREFIX}TEST_`;

/**
 * Reads the variables `VESTIBULE_*` of an environment; those of the test suite (`VESTIBULE_TEST_*`) are left alone.
 * Throws ConfigError naming every variable that is unknown, empty or malformed, and what is allowed.
 */
export function loadConfig(env: Env): Config {
  const faults = unknownNames(env);

  function read<T>(variable: Variable<T>): T {
    const text = env[PREFIX + variable.name];
    if (text === undefined) return variable.fallback;
    const value = variable.parse(text);
    if (value !== undefined) return value;
    faults.push(`${PREFIX}${variable.name} is ${text === '' ? 'empty' : 'malformed'}; allowed: ${variable.allowed}.`);
    return variable.fallback;
  }

  const config: Config = {
    listen: Object.freeze(read<Listen>(variables.listen)),
    metricsListen: read<Listen | undefined>(variables.metricsListen),
    publicUrl: read<string | undefined>(variables.publicUrl),
    databaseUrl: read<string | undefined>(variables.databaseUrl),
    databasePool: read<number>(variables.databasePool),
    dataDir: read<string>(variables.dataDir),
    secretKey: read<string | undefined>(variables.secretKey),
    bootstrapEmail: read<string | undefined>(variables.bootstrapEmail),
    bootstrapPassword: read<string | undefined>(variables.bootstrapPassword),
    bootstrapToken: read<string | undefined>(variables.bootstrapToken),
    shutdownDelay: read<number>(variables.shutdownDelay),
    trustedProxies: Object.freeze(read<readonly string[]>(variables.trustedProxies)),
    addressFailures: read<number>(variables.addressFailures),
    smtpUrl: read<SmtpServer | undefined>(variables.smtpUrl),
    mailFrom: read<Sender | undefined>(variables.mailFrom),
    mailLanguage: read<'en' | 'de'>(variables.mailLanguage),
    mailTemplates: read<string | undefined>(variables.mailTemplates),
    mailDailyBudget: read<number>(variables.mailDailyBudget),
    outboundAllow: Object.freeze(read<readonly string[]>(variables.outboundAllow)),
    worker: read<boolean>(variables.worker),
    logLevel: read<LogLevel>(variables.logLevel),
    logFormat: read<LogFormat>(variables.logFormat),
    invitationsSurviveInactiveCreator: read<boolean>(variables.invitationsSurviveInactiveCreator),
    secretLinks: read<boolean | undefined>(variables.secretLinks),
    invitationRetention: read<number>(variables.invitationRetention),
    apiRateLimit: read<number>(variables.apiRateLimit),
    sessionCookieSameSite: read<'lax' | 'none'>(variables.sessionCookieSameSite),
  };
  // Browsers drop a SameSite=None cookie that is not Secure (RFC 6265bis §5.7).
  if (config.sessionCookieSameSite === 'none' && !config.publicUrl?.startsWith('https:')) {
    faults.push(`${PREFIX}${variables.sessionCookieSameSite.name}: ${variables.sessionCookieSameSite.allowed}.`);
  }
  if (config.smtpUrl && !config.mailFrom && env[PREFIX + variables.mailFrom.name] === undefined) {
    faults.push(
      `${PREFIX}${variables.mailFrom.name} is needed with ${PREFIX}${variables.smtpUrl.name}: ${variables.mailFrom.allowed}.`,
    );
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config);
}

/** All variables as a Markdown table, for the README and `--help`. */
export function describeVariables(): string {
  const rows = Object.values(variables).map(
    ({ name, description, allowed, otherwise }) =>
      `| \`${PREFIX}${name}\` | ${description} | ${allowed} | ${otherwise} |`,
  );
  return ['| Variable | What it does | Allowed | Default |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function unknownNames(env: Env): string[] {
  const known = Object.values(variables).map(({ name }) => PREFIX + name);
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(TEST_PREFIX) && env[name] !== undefined)
    .filter((name) => !known.includes(name))
    .sort()
    .map(
      (name) =>
        `${name} is unknown; the nearest known name is ${nearest(name, known)}${allowedFor(nearest(name, known))}.`,
    );
}

function allowedFor(fullName: string | undefined): string {
  const variable = Object.values(variables).find(({ name }) => PREFIX + name === fullName);
  return variable ? ` (allowed: ${variable.allowed})` : '';
}
