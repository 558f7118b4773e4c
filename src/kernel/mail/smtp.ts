import { setTimeout as wait } from 'node:timers/promises';
import type { Mail, Outgoing, Sender, SmtpServer, Verdict } from './types.ts';

/** Connections at once, and so messages at once, of one process. */
export const CONNECTIONS = 8;

// A try is over after this long whatever the server does; the lease of a message is longer (R09).
const DEADLINE_MS = 120_000;
const TIMEOUTS = { dnsTimeout: 10_000, connectionTimeout: 20_000, greetingTimeout: 20_000, socketTimeout: 60_000 };
const IDLE_MS = 10_000;
const MAX_ANSWER = 500;

type SmtpFault = {
  readonly message: string;
  readonly code?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
  readonly recipient?: unknown;
  readonly rejectedErrors?: unknown;
};

const isFault = (value: unknown): value is SmtpFault => value instanceof Error;

/** One printable line; what a server says is stored and shown. */
function line(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_ANSWER);
}

// What the server says before it was told of a message is about us, not about the message: a wrong password or a
// server that is shut must not give mail up.
const BEFORE_THE_MESSAGE = new Set(['CONN', 'EHLO', 'HELO', 'LHLO', 'STARTTLS', 'AUTH', 'API']);

function verdictOf(fault: SmtpFault): Verdict {
  const answer = line(typeof fault.response === 'string' ? fault.response : fault.message);
  const code = typeof fault.responseCode === 'number' ? fault.responseCode : 0;
  const command = typeof fault.command === 'string' ? fault.command : 'CONN';
  const early = fault.code === 'EAUTH' || command.split(' ').some((word) => BEFORE_THE_MESSAGE.has(word));
  return { outcome: code >= 500 && code < 600 && !early ? 'refused' : 'again', answer };
}

/** Verdicts of recipients that the server turned down one by one. */
function rejections(faults: unknown): Map<string, Verdict> {
  const list = Array.isArray(faults) ? faults.filter(isFault) : [];
  return new Map(list.map((fault) => [String(fault.recipient), verdictOf(fault)]));
}

async function transportOf(server: SmtpServer) {
  // Not before it is needed: it is part of every start.
  const { createTransport } = await import('nodemailer');
  return createTransport({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTls,
    tls: { rejectUnauthorized: server.verifies },
    ...(server.auth ? { auth: server.auth } : {}),
    ...(server.name === undefined ? {} : { name: server.name }),
    ...TIMEOUTS,
    ...(server.timeout === undefined ? {} : { socketTimeout: Math.min(server.timeout * 1000, TIMEOUTS.socketTimeout) }),
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: 100,
    idleTimeout: IDLE_MS,
    // A connection that broke after DATA may have delivered: when to try again is the outbox's matter.
    maxRequeues: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function composed({ from, to, cc, recipients, ...message }: Outgoing) {
  return {
    ...message,
    from: { name: from.name, address: from.address },
    to: { name: '', address: to },
    cc: cc.map((address) => ({ name: '', address })),
    envelope: { from: from.address, to: [...recipients] },
    textEncoding: 'quoted-printable' as const,
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': message.language },
  };
}

const NOT_SET = 'VESTIBULE_SMTP_URL is not set.';

type Transport = Awaited<ReturnType<typeof transportOf>>;

/** Hands a message over; what the server says of each recipient, or what went wrong on the way. */
async function handOver(transport: Transport, message: Outgoing): Promise<Verdict[]> {
  const { recipients } = message;
  try {
    const info = await transport.sendMail({ ...composed(message), signal: AbortSignal.timeout(DEADLINE_MS) });
    const rejected = rejections('rejectedErrors' in info ? info.rejectedErrors : undefined);
    const sent: Verdict = { outcome: 'sent', answer: line(info.response) };
    return recipients.map((recipient) => rejected.get(recipient) ?? sent);
  } catch (error) {
    const fault: SmtpFault = isFault(error) ? error : { message: 'The server could not be reached.' };
    const rejected = rejections(fault.rejectedErrors);
    return recipients.map((recipient) => rejected.get(recipient) ?? verdictOf(fault));
  }
}

async function verify(transport: Transport): Promise<string | undefined> {
  const gone = new AbortController();
  const late = wait(TIMEOUTS.connectionTimeout, undefined, { signal: gone.signal }).then(() => {
    throw new Error('No answer in time.');
  });
  late.catch(() => undefined);
  try {
    await Promise.race([transport.verify(), late]);
    return undefined;
  } catch (error) {
    return isFault(error) ? verdictOf(error).answer : 'The server could not be reached.';
  } finally {
    gone.abort();
  }
}

/** The mechanism for a configured server, or for none: then nothing is sent and everything says so. */
export function createMail(configured: SmtpServer | undefined, sender: Sender | undefined): Mail {
  let kept: Promise<Transport> | undefined;
  return {
    configured: configured !== undefined,
    from: sender ?? { name: '', address: '' },
    async send(message, server) {
      if (server) {
        const transport = await transportOf(server);
        return handOver(transport, message).finally(() => transport.close());
      }
      if (!configured) return message.recipients.map((): Verdict => ({ outcome: 'again', answer: NOT_SET }));
      kept ??= transportOf(configured);
      return handOver(await kept, message);
    },
    async check() {
      if (!configured) return NOT_SET;
      kept ??= transportOf(configured);
      return verify(await kept);
    },
    close() {
      void kept?.then((transport) => transport.close());
      kept = undefined;
    },
  };
}
