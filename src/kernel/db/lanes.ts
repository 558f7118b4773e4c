import pg from 'pg';
import type { Send, Statement } from './send.ts';

// A lane whose first statement takes longer than this gets no more behind it: that one may wait for a lock.
const STALLED_MS = 50;
const IDLE_MS = 60_000;

export type LaneOptions = {
  readonly config: pg.ClientConfig;
  /** At most so many connections; 0: there are no lanes. */
  readonly max: number;
  readonly send: Send;
  /** Told of a connection that is lost while nobody waits for it. */
  readonly onLost: (error: Error) => void;
};

/**
 * Connections that several short statements share, each a transaction of its own: one is sent while the answer to the one
 * before is under way, and what one turn of the event loop sends on a connection is one system call. Half of what a
 * look-up costs the server and the database is waking each other.
 */
export type Lanes = {
  /** Sends a statement; undefined when every lane is held up, and the pool is better. */
  run<Row extends object>(statement: Statement): Promise<Row[]> | undefined;
  /** New connections from now on; the present ones end with the statements they have. */
  renew(): void;
  connections(): { readonly total: number; readonly idle: number };
  close(): Promise<void>;
};

type Lane = {
  readonly client: pg.Client;
  readonly ready: Promise<unknown>;
  readonly pending: Set<Promise<unknown>>;
  /** Monotonic milliseconds of the last answer, or of the first statement after a rest. */
  movedAt: number;
  corked: boolean;
};

/** Opens no connection before it is needed. */
export function createLanes(options: LaneOptions): Lanes {
  const lanes = new Set<Lane>();
  const reaper = setInterval(() => endIdle(lanes), IDLE_MS / 2).unref();
  return {
    run(statement) {
      const lane = pick(lanes, options);
      return lane && runOn(lane, statement, options);
    },
    renew() {
      for (const lane of lanes) void end(lane);
      lanes.clear();
    },
    connections: () => ({ total: lanes.size, idle: [...lanes].filter(({ pending }) => pending.size === 0).length }),
    async close() {
      clearInterval(reaper);
      await Promise.all([...lanes].map(end));
      lanes.clear();
    },
  };
}

/** The lane with the fewest statements under way; a new one where none is free and there may be more. */
function pick(lanes: Set<Lane>, options: LaneOptions): Lane | undefined {
  const now = performance.now();
  let best: Lane | undefined;
  for (const lane of lanes) {
    if (lane.pending.size > 0 && now - lane.movedAt > STALLED_MS) continue;
    if (!best || lane.pending.size < best.pending.size) best = lane;
    if (best.pending.size === 0) return best;
  }
  if (lanes.size >= options.max) return best;
  const opened = open(lanes, options);
  return best ?? opened;
}

function open(lanes: Set<Lane>, { config, onLost }: LaneOptions): Lane {
  const client = new pg.Client({ ...config, pipeline: true });
  const ready = client.connect();
  const lane = { client, ready, pending: new Set<Promise<unknown>>(), movedAt: performance.now(), corked: false };
  const forget = (): void => void lanes.delete(lane);
  ready.catch(forget);
  client.on('end', forget);
  client.on('error', (error) => {
    // Who waits is told by the statement.
    if (lane.pending.size === 0 && lanes.has(lane)) onLost(error);
    forget();
  });
  lanes.add(lane);
  return lane;
}

function runOn<Row extends object>(lane: Lane, statement: Statement, { send }: LaneOptions): Promise<Row[]> {
  if (lane.pending.size === 0) lane.movedAt = performance.now();
  const answer = sendOn<Row>(lane, statement, send);
  const settled = answer.then(settle, settle);
  function settle(): void {
    lane.pending.delete(settled);
    lane.movedAt = performance.now();
  }
  lane.pending.add(settled);
  return answer;
}

async function sendOn<Row extends object>(lane: Lane, statement: Statement, send: Send): Promise<Row[]> {
  await lane.ready;
  cork(lane);
  return send<Row>(lane.client, statement);
}

/** Keeps what is written back until this turn has read all that arrived. */
function cork(lane: Lane): void {
  if (lane.corked) return;
  const { stream } = lane.client.connection;
  lane.corked = true;
  stream.cork();
  setImmediate(() => {
    lane.corked = false;
    stream.uncork();
  });
}

async function end({ client, pending }: Lane): Promise<void> {
  while (pending.size > 0) await Promise.all(pending);
  await client.end().catch(() => undefined);
}

function endIdle(lanes: Set<Lane>): void {
  const before = performance.now() - IDLE_MS;
  for (const lane of lanes) {
    if (lane.pending.size > 0 || lane.movedAt > before) continue;
    lanes.delete(lane);
    void end(lane);
  }
}
