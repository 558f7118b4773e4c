import { MAX_PASSWORD_LENGTH } from '../crypto/passwords.ts';
import { MIN_SECRET_KEY_LENGTH } from '../crypto/vault.ts';
import { parseSender, parseSmtpUrl } from '../mail/parse.ts';
import type { Sender, SmtpServer } from '../mail/types.ts';
import { parseEmail } from '../schema/email.ts';
import { parseCount, parseDatabaseUrl, parseListen, parseNetworks, parseOrigin, parseWord } from './parsers.ts';
import type { Listen } from './parsers.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'text' | 'json';

/** One environment variable: what it does in a line, what it may be, and how it is read. */
export type Variable<T> = {
  /** Without the prefix. */
  readonly name: string;
  readonly description: string;
  /** What is allowed, in words; also the error text. */
  readonly allowed: string;
  /** The default in words. */
  readonly otherwise: string;
  readonly fallback: T;
  /** `undefined`: not allowed. */
  readonly parse: (text: string) => T | undefined;
};

export const PREFIX = 'VESTIBULE_';

const MIN_BOOTSTRAP_PASSWORD_LENGTH = 8;
const listenByDefault: Listen = { host: '127.0.0.1', port: 9000 };
const none: string | undefined = undefined;
const nowhere: Listen | undefined = undefined;
const noNetworks: readonly string[] = [];
const noServer: SmtpServer | undefined = undefined;
const noSender: Sender | undefined = undefined;
const undecided: boolean | undefined = undefined;
const yesOrNo = (text: string) => (text === 'true' ? true : text === 'false' ? false : undefined);

/** Every variable there is, by its name in Config. The README's table is made of this one. */
export const variables = {
  listen: {
    name: 'LISTEN',
    description: 'Address and port to serve on',
    allowed: 'host:port, [IPv6]:port, or :port for every IPv4 address',
    otherwise: '127.0.0.1:9000',
    fallback: listenByDefault,
    parse: parseListen,
  },
  metricsListen: {
    name: 'METRICS_LISTEN',
    description: 'Address and port to serve /-/metrics/ on, and nothing else',
    allowed: 'host:port, [IPv6]:port, or :port for every IPv4 address',
    otherwise: 'none: metrics only for this machine, while nobody else reaches the server',
    fallback: nowhere,
    parse: parseListen,
  },
  publicUrl: {
    name: 'PUBLIC_URL',
    description: 'Origin that browsers use; links in mails and answers begin with it',
    allowed: 'an http or https origin without path, e.g. https://id.example.org',
    otherwise: 'none: links only for loopback addresses',
    fallback: none,
    parse: parseOrigin,
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    description: 'External PostgreSQL, version 14 or later',
    allowed: 'a URL that begins with postgres:// or postgresql://',
    otherwise: 'an embedded PostgreSQL in the data directory',
    fallback: none,
    parse: parseDatabaseUrl,
  },
  databasePool: {
    name: 'DATABASE_POOL',
    description: 'Database connections of one process',
    allowed: 'a number from 2 to 1000',
    otherwise: '10',
    fallback: 10,
    parse: (text: string) => parseCount(text, 2, 1000),
  },
  dataDir: {
    name: 'DATA_DIR',
    description: 'Directory of the embedded database and the generated secret key',
    allowed: 'a path',
    otherwise: './data',
    fallback: './data',
    parse: (text: string) => (text.trim() === '' || text.includes('\0') ? undefined : text),
  },
  secretKey: {
    name: 'SECRET_KEY',
    description: 'Key that encrypts and signs; the same in every process on one database',
    allowed: `at least ${MIN_SECRET_KEY_LENGTH} characters`,
    otherwise: 'generated into the data directory',
    fallback: none,
    parse: (text: string) => (text.length >= MIN_SECRET_KEY_LENGTH ? text : undefined),
  },
  bootstrapEmail: {
    name: 'BOOTSTRAP_EMAIL',
    description: 'E-mail address of the first administrator, akadmin; first start only',
    allowed: 'an e-mail address',
    otherwise: 'none',
    fallback: none,
    parse: parseEmail,
  },
  bootstrapPassword: {
    name: 'BOOTSTRAP_PASSWORD',
    description: 'Password of the first administrator; first start only',
    allowed: `${MIN_BOOTSTRAP_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`,
    otherwise: 'none: a one-time set-up link is printed',
    fallback: none,
    parse: (text: string) =>
      text.length >= MIN_BOOTSTRAP_PASSWORD_LENGTH && text.length <= MAX_PASSWORD_LENGTH ? text : undefined,
  },
  bootstrapToken: {
    name: 'BOOTSTRAP_TOKEN',
    description: 'API token of the first administrator; first start only',
    allowed: 'at least 20 printable ASCII characters, no spaces',
    otherwise: 'none',
    fallback: none,
    parse: (text: string) => (/^[\x21-\x7e]{20,}$/.test(text) ? text : undefined),
  },
  shutdownDelay: {
    name: 'SHUTDOWN_DELAY',
    description: 'Seconds to go on serving, but not ready, after SIGTERM; for load balancers',
    allowed: 'a number from 0 to 60',
    otherwise: '0',
    fallback: 0,
    parse: (text: string) => parseCount(text, 0, 60),
  },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    description: 'Proxies whose forwarded headers are believed',
    allowed: 'IP addresses and CIDR ranges, separated by commas',
    otherwise: 'none',
    fallback: noNetworks,
    parse: parseNetworks,
  },
  addressFailures: {
    name: 'ADDRESS_FAILURES',
    description:
      'Wrong passwords, wrong links, and mails to people it only names, from one IPv4 address or IPv6 /64 in 15 minutes; each counted apart',
    allowed: 'a number from 1 to 1000000',
    otherwise: '100',
    fallback: 100,
    parse: (text: string) => parseCount(text, 1, 1_000_000),
  },
  smtpUrl: {
    name: 'SMTP_URL',
    description:
      'Server that takes our mail: smtp:// (STARTTLS where offered) or smtps://, with user, password and port',
    allowed: 'smtp://user:password@host:port, with the options ?require_tls=, verify= (true or false) and name=',
    otherwise: 'none: nothing is mailed, links can be copied',
    fallback: noServer,
    parse: parseSmtpUrl,
  },
  mailFrom: {
    name: 'MAIL_FROM',
    description: 'Who mails are from; needed with VESTIBULE_SMTP_URL',
    allowed: 'an e-mail address, or Name <address>',
    otherwise: 'none',
    fallback: noSender,
    parse: parseSender,
  },
  mailLanguage: {
    name: 'MAIL_LANGUAGE',
    description: 'Language of mails to people whose language is not known',
    allowed: 'en or de',
    otherwise: 'en',
    fallback: 'en',
    parse: parseWord<'en' | 'de'>(['en', 'de']),
  },
  mailTemplates: {
    name: 'MAIL_TEMPLATES',
    description: 'Directory of mail templates that replace or join ours',
    allowed: 'a path',
    otherwise: 'none',
    fallback: none,
    parse: (text: string) => (text.trim() === '' || text.includes('\0') ? undefined : text),
  },
  mailDailyBudget: {
    name: 'MAIL_DAILY_BUDGET',
    description: 'People to whom one user may send mails in a day (UTC)',
    allowed: 'a number from 1 to 1000000',
    otherwise: '1000',
    fallback: 1000,
    parse: (text: string) => parseCount(text, 1, 1_000_000),
  },
  outboundAllow: {
    name: 'OUTBOUND_ALLOW',
    description: 'Networks that are not public and that webhooks may be sent to',
    allowed: 'IP addresses and CIDR ranges, separated by commas',
    otherwise: 'none: public addresses only',
    fallback: noNetworks,
    parse: parseNetworks,
  },
  worker: {
    name: 'WORKER',
    description: 'Whether `serve` runs background tasks too, mail among them; if not, run `vestibule worker`',
    allowed: 'true or false',
    otherwise: 'true',
    fallback: true,
    parse: yesOrNo,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    description: 'Least important messages that are logged',
    allowed: 'debug, info, warn or error',
    otherwise: 'info',
    fallback: 'info',
    parse: parseWord<LogLevel>(['debug', 'info', 'warn', 'error']),
  },
  logFormat: {
    name: 'LOG_FORMAT',
    description: 'Lines for people, or one JSON object a line',
    allowed: 'text or json',
    otherwise: 'text on a terminal, else json',
    fallback: process.stderr.isTTY ? 'text' : 'json',
    parse: parseWord<LogFormat>(['text', 'json']),
  },
  invitationsSurviveInactiveCreator: {
    name: 'INVITATIONS_SURVIVE_INACTIVE_CREATOR',
    description: 'Whether invitations stay valid while their creator is inactive, as in authentik',
    allowed: 'true or false',
    otherwise: 'false',
    fallback: false,
    parse: yesOrNo,
  },
  secretLinks: {
    name: 'SECRET_LINKS',
    description:
      'Whether the links of new invitations carry a secret, so that people who may view them cannot use them',
    allowed: 'true or false',
    otherwise: 'true for those that give groups or roles, which /api/v3 cannot make',
    fallback: undecided,
    parse: yesOrNo,
  },
  invitationRetention: {
    name: 'INVITATION_RETENTION',
    description: 'Days for which invitations that were used up, revoked or expired are kept',
    allowed: 'a number from 1 to 36500',
    otherwise: '365',
    fallback: 365,
    parse: (text: string) => parseCount(text, 1, 36_500),
  },
  apiRateLimit: {
    name: 'API_RATE_LIMIT',
    description:
      'Requests to /api/vestibule/v1/ that one account may make in a minute; an unknown caller may make 300 at most',
    allowed: 'a number from 1 to 1000000',
    otherwise: '6000',
    fallback: 6000,
    parse: (text: string) => parseCount(text, 1, 1_000_000),
  },
  sessionCookieSameSite: {
    name: 'SESSION_COOKIE_SAMESITE',
    description: 'none lets pages of other sites embed the flows',
    allowed: 'lax or none; none only with an https VESTIBULE_PUBLIC_URL',
    otherwise: 'lax',
    fallback: 'lax',
    parse: parseWord<'lax' | 'none'>(['lax', 'none']),
  },
} as const;
