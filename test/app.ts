import { afterAll } from 'vitest';
import { observeResponse, describeProblems } from './contract/ratchet.ts';
import type { Observe } from './contract/ratchet.ts';
import { Jar } from './jar.ts';
import { answerCheck, isOwn } from './own-api/check-answer.ts';
import type { Answer, AskOptions, Send } from './jar.ts';
import { createContext, discoverFeatures, prepareDatabase } from '../src/installation.ts';
import { loadConfig } from '../src/kernel/config/config.ts';
import type { Context } from '../src/kernel/context.ts';
import type { Connection } from '../src/kernel/db/connection.ts';
import { openDatabase } from '../src/kernel/db/pool.ts';
import type { Contribution } from '../src/kernel/feature.ts';
import type { HttpServer } from '../src/kernel/http/server.ts';
import type { LogFields } from '../src/kernel/log/types.ts';
import { databaseFromTemplate } from '../src/kernel/testing/database.ts';
import { silentLogger } from '../src/kernel/testing/silent-logger.ts';
import { createHttpServer, runStartSteps } from '../src/server.ts';

export const ADMIN_TOKEN = 'test-admin-token-0123456789abcdef';
export const ADMIN_PASSWORD = 'correct horse battery staple';

const ENVIRONMENT = { VESTIBULE_SECRET_KEY: 'test-secret-key-of-enough-characters-0123456789' };
const BOOTSTRAP = {
  VESTIBULE_BOOTSTRAP_EMAIL: 'admin@example.org',
  VESTIBULE_BOOTSTRAP_PASSWORD: ADMIN_PASSWORD,
  VESTIBULE_BOOTSTRAP_TOKEN: ADMIN_TOKEN,
};

export type TestApp = {
  readonly ctx: Context;
  /** The database, for a worker of the test's own. */
  readonly connection: Connection;
  readonly http: HttpServer;
  /** A fresh browser. */
  jar(): Jar;
  /** One API request with the administrator's token; `token: null` for none. */
  api(method: string, path: string, json?: unknown, options?: AskOptions & { token?: string | null }): Promise<Answer>;
  /** What the server logged so far. */
  readonly logged: readonly { level: string; message: string; fields: LogFields | undefined }[];
  close(): Promise<void>;
};

export type TestAppOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Contributions besides the discovered ones: policies, stages made for a test. */
  readonly provides?: readonly Contribution[];
  /** Without the bootstrap variables, so that the first start prints a set-up link. */
  readonly bare?: boolean;
  /** What judges the answers. By default they count for the ratchet; those to random requests must not. */
  readonly observe?: Observe;
  /** For a test that asks more of one network than people do. */
  readonly pagesPerSecond?: number;
};

/**
 * The whole product in this process on a database of its own: every feature, migrated, default flows made, an
 * administrator with {@link ADMIN_TOKEN}. Every answer under `/api/v3` is held against the contract's schema, every one
 * of the own API against its document. Closed after the file's tests.
 */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { observe = observeResponse, pagesPerSecond } = options;
  const config = loadConfig({ ...ENVIRONMENT, ...(options.bare ? {} : BOOTSTRAP), ...options.env });
  const discovery = await discoverFeatures(options.provides);
  const database = await databaseFromTemplate(options.bare ? 'migrated' : 'started', async (connection) => {
    await prepareDatabase({ connection, files: discovery.migrations, log: silentLogger });
    if (!options.bare) await start(await openContext(connection));
  });

  async function openContext(connection: typeof database.connection): Promise<Context> {
    const db = openDatabase({ connection, maxConnections: config.databasePool, log: silentLogger });
    // The copies are for every test of the run, so that what one of them configures does not count.
    const plain = loadConfig({ ...ENVIRONMENT, ...BOOTSTRAP });
    return createContext({ config: plain, log: silentLogger, db, discovery });
  }
  async function start(ctx: Context): Promise<void> {
    await runStartSteps({ ctx }, 'http://localhost');
    await ctx.db.close();
  }

  const logged: { level: string; message: string; fields: LogFields | undefined }[] = [];
  const write = (level: string) => (message: string, fields?: LogFields) => {
    logged.push({ level, message, fields });
  };
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  };
  const db = openDatabase({ connection: database.connection, maxConnections: config.databasePool, log });
  const ctx = await createContext({ config, log, db, discovery });
  const problems: string[] = [];
  const checkOwn = answerCheck(discovery.registry);
  const http = await createHttpServer(
    { ctx },
    {
      ...(pagesPerSecond === undefined ? {} : { pagesPerSecond }),
      onAnswer(answer) {
        const own = isOwn(answer.url) ? checkOwn(answer) : undefined;
        if (own !== undefined) problems.push(own);
        // Elsewhere below /api/ the schema has nothing to say.
        // Nor of the reference at /api/v3/ itself.
        if (!/^\/+api\/+v3\/+[^/?]/.test(answer.url)) return;
        const problem = describeProblems(answer, observe(answer));
        if (problem) problems.push(problem);
      },
    },
  );
  const send = sender(http, problems);
  let closed = false;
  const app: TestApp = {
    ctx,
    connection: database.connection,
    http,
    logged,
    jar: () => new Jar(send),
    // oxlint-disable-next-line max-params -- a request fits on one line of a test
    async api(method, path, json, { token = ADMIN_TOKEN, ...rest } = {}) {
      const headers = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...rest.headers };
      return new Jar(send).ask(method, path, { ...rest, headers, ...(json === undefined ? {} : { json }) });
    },
    async close() {
      if (closed) return;
      closed = true;
      await http.close();
      await db.close();
      await database.drop();
    },
  };
  afterAll(() => app.close());
  return app;
}

/** Sends without a socket, and fails the test whose answer the contract does not allow. */
function sender(http: HttpServer, problems: string[]): Send {
  return async ({ method, url, headers, payload }) => {
    const answer = await http.inject({
      method: method as 'GET',
      url,
      headers: { host: 'localhost', ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    const found = problems.splice(0);
    if (found.length > 0) throw new Error(found.join('\n'));
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: parsed(answer.body) };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
