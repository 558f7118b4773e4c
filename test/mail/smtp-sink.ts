import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';
import { afterAll } from 'vitest';

/** One message as a server got it. */
export type Received = {
  /** The envelope's recipients. */
  readonly to: readonly string[];
  readonly from: string;
  /** Whether it came over TLS, and who had signed in. */
  readonly secure: boolean;
  readonly user: string | undefined;
  /** The bytes as they came, and read back. */
  readonly raw: string;
  readonly mail: ParsedMail;
};

/** The certificate of servers with TLS, in a file. */
export const CERTIFICATE = fileURLToPath(new URL('./tls/localhost.crt', import.meta.url));
const KEY = fileURLToPath(new URL('./tls/localhost.key', import.meta.url));

/** What a server asks for besides mail. */
export type Guard = {
  /** From the start of a connection, or by STARTTLS. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Who may send; by AUTH, and over TLS only. */
  readonly auth?: { readonly user: string; readonly pass: string };
};

export type Behaviour = {
  /** Milliseconds before the answer to DATA. */
  slow?: number;
  /** A reply code for a recipient; none: accepted. */
  refuse?: (address: string) => { code: number; text: string } | undefined;
  /** A reply code for MAIL FROM. */
  refuseSender?: { code: number; text: string };
  /** Breaks the connection after the whole message was taken, before the answer. */
  drops?: boolean;
  /** Called when a message was taken, before the answer. */
  taken?: (message: Received) => Promise<void> | void;
};

export type Sink = {
  readonly port: number;
  readonly url: string;
  readonly received: Received[];
  /** May be changed at any time. */
  readonly behaviour: Behaviour;
  /** Stops listening and ends every connection. */
  down(): Promise<void>;
  /** Listens again on the same port. */
  up(): Promise<void>;
  /** Waits until that many messages came. */
  wait(count: number, milliseconds?: number): Promise<Received[]>;
};

const fault = ({ code, text }: { code: number; text: string }) =>
  Object.assign(new Error(text), { responseCode: code });

/** Options of a server with TLS and passwords; without, of one that knows neither. */
function guarded(guard: Guard | undefined): SMTPServerOptions {
  if (!guard) return { authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'] };
  const { tls, auth } = guard;
  return {
    secure: tls === 'implicit',
    ...(tls === 'none' ? {} : { key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) }),
    disabledCommands: [...(tls === 'none' ? ['STARTTLS'] : []), ...(auth ? [] : ['AUTH'])],
    authOptional: auth === undefined,
    onAuth({ username, password }, _session, done) {
      const isRight = auth !== undefined && username === auth.user && password === auth.pass;
      if (isRight) done(null, { user: username });
      else done(fault({ code: 535, text: 'Wrong user or password' }));
    },
  };
}

type Envelope = { readonly rcptTo: readonly { address: string }[]; readonly mailFrom: false | { address: string } };

type Session = { readonly envelope: Envelope; readonly secure: boolean; readonly user?: unknown };
type Take = (bytes: Buffer, session: Session) => Promise<boolean>;

/** @param take gets each message; whether it is answered */
function createServer(behaviour: Behaviour, guard: Guard | undefined, take: Take): SMTPServer {
  const server = new SMTPServer({
    ...guarded(guard),
    logger: false,
    onMailFrom: (_address, _session, done) => done(behaviour.refuseSender ? fault(behaviour.refuseSender) : null),
    onRcptTo({ address }, _session, done) {
      const refused = behaviour.refuse?.(address);
      done(refused ? fault(refused) : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => void answer(Buffer.concat(chunks), session, done));
    },
  });
  async function answer(bytes: Buffer, session: Session, done: (error: null, text: string) => void): Promise<void> {
    if (await take(bytes, session)) done(null, 'queued as sink');
  }
  // Connections that are cut are what these tests are for.
  server.on('error', () => {});
  return server;
}

async function waitFor(received: Received[], count: number, milliseconds: number): Promise<Received[]> {
  const end = performance.now() + milliseconds;
  while (received.length < count) {
    if (performance.now() > end) throw new Error(`${received.length} messages came, not ${count}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return received;
}

/** A real SMTP server on a free port of this machine; stopped after the file's tests. */
export async function smtpSink(behaviour: Behaviour = {}, guard?: Guard): Promise<Sink> {
  const received: Received[] = [];
  let server: SMTPServer | undefined;
  let port = 0;

  const create = () =>
    createServer(behaviour, guard, async (bytes, session) => {
      const drop = await take(bytes, session);
      if (drop) server?.connections.forEach((connection) => connection._socket.destroy());
      return !drop;
    });

  async function take(bytes: Buffer, { envelope, secure, user }: Session): Promise<boolean> {
    const message = {
      secure,
      user: typeof user === 'string' ? user : undefined,
      to: envelope.rcptTo.map(({ address }) => address),
      from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
      raw: bytes.toString('latin1'),
      mail: await simpleParser(bytes, { keepCidLinks: true }),
    };
    received.push(message);
    await behaviour.taken?.(message);
    if (behaviour.slow) await new Promise((resolve) => setTimeout(resolve, behaviour.slow));
    return behaviour.drops === true;
  }

  async function up(): Promise<void> {
    const next = create();
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve));
    server = next;
    const address = next.server.address();
    if (address !== null && typeof address === 'object') port = address.port;
  }

  async function down(): Promise<void> {
    const last = server;
    server = undefined;
    if (!last) return;
    last.connections.forEach((connection) => connection._socket.destroy());
    await new Promise<void>((resolve) => last.close(resolve));
  }

  await up();
  afterAll(down);
  return {
    get port() {
      return port;
    },
    get url() {
      return `${guard?.tls === 'implicit' ? 'smtps' : 'smtp'}://127.0.0.1:${port}`;
    },
    received,
    behaviour,
    down,
    up,
    wait: (count, milliseconds = 20_000) => waitFor(received, count, milliseconds),
  };
}
