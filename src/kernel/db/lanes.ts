import pg from 'pg';
import { holdBack } from './hold-back.ts';
import type { Send, Statement } from './send.ts';

// A lane whose first statement takes longer than this gets no more behind it: that one may wait for a lock.
const STALLED_MS = 50;
// So many look-ups go out together before another connection is woken, which a machine with more cores works off beside.
const TOGETHER = 8;
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
  /** How many of the pending statements change something: each waits for the disk. */
  changes: number;
  /** Monotonic milliseconds of the last answer, or of the first statement after a rest. */
  movedAt: number;
  /** Whether a statement of this turn goes over it, which is not sent yet. */
  gathering: boolean;
};

/** Opens no connection before it is needed. */
export function createLanes(options: LaneOptions): Lanes {
  const lanes = new Set<Lane>();
  const reaper = setInterval(() => endIdle(lanes), IDLE_MS / 2).unref();
  return {
    run(statement) {
      const lane = pick(lanes, statement, options);
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

const isChange = ([, , how]: Statement): boolean => how?.changes === true;

/**
 * For a look-up the lane over which this turn sends others; else the one with the fewest statements under way, or a new
 * one where none is free and there may be more. A change waits for the disk, and nothing waits behind it by choice.
 */
function pick(lanes: Set<Lane>, statement: Statement, options: LaneOptions): Lane | undefined {
  const now = performance.now();
  const mayJoin = !isChange(statement);
  let best: Lane | undefined;
  for (const lane of lanes) {
    const { pending } = lane;
    if (pending.size > 0 && now - lane.movedAt > STALLED_MS) continue;
    if (mayJoin && lane.gathering && lane.changes === 0 && pending.size < TOGETHER) return lane;
    if (!best || pending.size < best.pending.size) best = lane;
  }
  if (best?.pending.size === 0 || lanes.size >= options.max) return best;
  const opened = open(lanes, options);
  return best ?? opened;
}

function open(lanes: Set<Lane>, { config, onLost }: LaneOptions): Lane {
  const client = new pg.Client({ ...config, pipeline: true });
  const ready = client.connect();
  const lane: Lane = { client, ready, pending: new Set(), changes: 0, movedAt: performance.now(), gathering: false };
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
  const weight = isChange(statement) ? 1 : 0;
  lane.changes += weight;
  gather(lane);
  const answer = sendOn<Row>(lane, statement, send);
  const settled = answer.then(settle, settle);
  function settle(): void {
    lane.pending.delete(settled);
    lane.changes -= weight;
    lane.movedAt = performance.now();
  }
  lane.pending.add(settled);
  return answer;
}

async function sendOn<Row extends object>(lane: Lane, statement: Statement, send: Send): Promise<Row[]> {
  await lane.ready;
  gather(lane);
  return send<Row>(lane.client, statement);
}

function gather(lane: Lane): void {
  if (lane.gathering) return;
  lane.gathering = true;
  holdBack(lane.client, () => (lane.gathering = false));
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
