import { Agent, request } from 'node:http';

/** A server behind the balancer; another one after each restart. */
export type Backend = { url: string };

export type Sent = { readonly method: string; readonly path: string; headers?: Record<string, string>; body?: string };

/** What came of the requests so far. */
export type BalancerTally = {
  sent: number;
  answered: number;
  /** No answer, half an answer, or a 5xx: in words, the first few. */
  readonly dropped: string[];
  droppedCount: number;
  slowest: number;
};

export type Balancer = {
  readonly tally: BalancerTally;
  /** Whether the backend was ready when it was last asked. */
  isReady(backend: Backend): boolean;
  /** Sends one request to the next backend that is ready. */
  send(wanted: Sent): Promise<void>;
  close(): void;
};

const ASK_EVERY_MS = 100;
const PATIENCE_MS = 2000;
const TIMEOUT_MS = 30_000;
const MAX_WORDS = 10;
/** More wait, and a backend is chosen for them when it is their turn. */
const MAX_UNDER_WAY = 64;

type Seen = { ready: boolean; leaving: boolean; readonly agent: Agent };

/** Lets so many in at once; who leaves gives the place to the next. */
function createQueue() {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    async enter(): Promise<void> {
      if (inside >= MAX_UNDER_WAY) await new Promise<void>((resolve) => waiting.push(resolve));
      else inside += 1;
    },
    leave(): void {
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    },
  };
}

/** Asks each backend for its readiness, over and over. */
function watchBackends(backends: readonly Backend[], seenOf: (url: string) => Seen): { stop(): void } {
  let stopped = false;

  /** Who is too busy to say whether it is ready stays what it was; who says no, or is not there, is not. */
  async function ask({ url }: Backend): Promise<void> {
    const backend = seenOf(url);
    try {
      const answer = await fetch(`${url}/-/health/ready/`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      await answer.arrayBuffer();
      backend.ready = answer.status === 200 && !backend.leaving;
    } catch (error) {
      if (!(error instanceof Error && error.name === 'TimeoutError')) backend.ready = false;
    }
  }

  async function keepAsking(backend: Backend): Promise<void> {
    while (!stopped) {
      await ask(backend);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }

  for (const backend of backends) void keepAsking(backend);
  return {
    stop() {
      stopped = true;
    },
  };
}

/**
 * A load balancer as it is in front of real installations: round robin over the backends whose readiness it asks for and
 * that do not close their connections, which are kept and reused. No second try for a request that was sent.
 */
export function startBalancer(backends: readonly Backend[]): Balancer {
  const tally: BalancerTally = { sent: 0, answered: 0, dropped: [], droppedCount: 0, slowest: 0 };
  const seen = new Map<string, Seen>();
  const queue = createQueue();
  let turn = 0;

  function seenOf(url: string): Seen {
    const known = seen.get(url) ?? { ready: false, leaving: false, agent: new Agent({ keepAlive: true }) };
    seen.set(url, known);
    return known;
  }

  const watch = watchBackends(backends, seenOf);

  function drop(words: string): void {
    tally.droppedCount += 1;
    if (tally.dropped.length < MAX_WORDS) tally.dropped.push(words);
  }

  function exchange(url: string, { method, path, headers, body }: Sent): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = { method, headers: headers ?? {}, agent: seenOf(url).agent, timeout: TIMEOUT_MS };
      const outgoing = request(new URL(path, url), options, (incoming) => {
        if (incoming.headers.connection === 'close') Object.assign(seenOf(url), { leaving: true, ready: false });
        incoming.on('error', reject);
        incoming.on('end', () => (incoming.complete ? resolve(incoming.statusCode ?? 0) : reject(new Error('half'))));
        incoming.resume();
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async function sendNow(wanted: Sent): Promise<void> {
    const ready = backends.filter(({ url }) => seenOf(url).ready);
    const backend = ready[turn++ % Math.max(ready.length, 1)];
    if (!backend) return drop('no backend is ready');
    try {
      const status = await exchange(backend.url, wanted);
      if (status < 500) tally.answered += 1;
      else drop(`${wanted.method} ${wanted.path}: ${status}`);
    } catch (error) {
      drop(`${wanted.method} ${wanted.path}: ${String(error)}`);
    }
  }

  return {
    tally,
    isReady: ({ url }) => seenOf(url).ready,
    async send(wanted) {
      tally.sent += 1;
      await queue.enter();
      const start = performance.now();
      await sendNow(wanted).finally(queue.leave);
      tally.slowest = Math.max(tally.slowest, performance.now() - start);
    },
    close() {
      watch.stop();
      for (const { agent } of seen.values()) agent.destroy();
    },
  };
}

/** Sends so many requests a second, whether or not the earlier ones are answered. Resolves, once stopped, with all. */
export function startStream(perSecond: number, send: (turn: number) => Promise<void>): { stop(): Promise<void> } {
  const under = new Set<Promise<void>>();
  const start = performance.now();
  let turn = 0;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - start) / 1000) * perSecond; turn < due; turn += 1) {
      const sent = send(turn).finally(() => under.delete(sent));
      under.add(sent);
    }
  }, 5);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(under);
    },
  };
}
