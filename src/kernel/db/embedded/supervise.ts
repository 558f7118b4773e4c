import { DataDirectoryInUse } from './errors.ts';
import { ownServer } from './owner.ts';
import { findClusterProcesses, isAlive, pause, readPostmasterPid, signal, waitUntil } from './processes.ts';
import type { Link, Server } from './server.ts';

export type StopMode = 'fast' | 'immediate';

export type Supervision = { pid(): number; stop(mode: StopMode): Promise<void> };

const MAX_PAUSE_MS = 5000;
const FAST_STOP_MS = 20_000;
const IMMEDIATE_STOP_MS = 5000;

/** Watches the owner's connection: when it ends, the server is started (or reached) again and owned again. */
export function supervise(server: Server, first: Link, firstPid: number): Supervision {
  const state = { link: first, pid: firstPid, owned: true };
  const watching = watch(server, state);
  return {
    pid: () => state.pid,
    async stop(mode) {
      if (state.owned) await stopServer(server, mode);
      await state.link.client.end().catch(() => undefined);
      await watching;
      // It may have been on its way up while we stopped it.
      if (state.owned) await stopServer(server, mode);
    },
  };
}

async function watch(server: Server, state: { link: Link; pid: number; owned: boolean }): Promise<void> {
  for (;;) {
    await state.link.ended;
    if (server.stopping.aborted) return;
    server.log.error('the built-in database went away; starting it again', { pid: state.pid });
    const link = await reviveServer(server);
    if (link === 'stopped') return;
    state.owned = link !== 'lost';
    if (link === 'lost') return;
    Object.assign(state, { link, pid: (await readPostmasterPid(server.layout.cluster)) ?? 0 });
    server.log.info('the built-in database is back', { pid: state.pid });
  }
}

/** Tries until the server is back; `lost` when another process owns it now, `stopped` when it is to be stopped. */
async function reviveServer(server: Server): Promise<Link | 'lost' | 'stopped'> {
  for (let wait = 100; !server.stopping.aborted; wait = Math.min(wait * 2, MAX_PAUSE_MS)) {
    try {
      return await ownServer(server);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      server.log.error('the built-in database is away', { reason });
      if (error instanceof DataDirectoryInUse) return 'lost';
    }
    await pause(wait);
  }
  return 'stopped';
}

/** Stops the server that runs, and waits for its end; a server that does not stop is killed, recovery does the rest. */
export async function stopServer({ layout: { cluster }, log }: Server, mode: StopMode): Promise<void> {
  const postmaster = await readPostmasterPid(cluster);
  const isGone = async (): Promise<boolean> => (await findRunningProcesses(cluster, postmaster)).length === 0;
  const before = await findRunningProcesses(cluster, postmaster);
  if (postmaster && before.includes(postmaster)) signal(postmaster, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  if (await waitUntil(isGone, mode === 'fast' ? FAST_STOP_MS : IMMEDIATE_STOP_MS)) return;
  for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
    log.warn('the built-in database does not stop; killing it', { signal: name });
    for (const pid of await findRunningProcesses(cluster, postmaster)) signal(pid, name);
    if (await waitUntil(isGone, IMMEDIATE_STOP_MS)) return;
  }
}

/** The server and its children, or, where the system does not tell, the server while it owns its pid file. */
async function findRunningProcesses(cluster: string, postmaster: number | undefined): Promise<number[]> {
  const processes = await findClusterProcesses(cluster);
  if (processes) return processes;
  if (!postmaster || !isAlive(postmaster)) return [];
  // The file goes last.
  return (await readPostmasterPid(cluster)) === postmaster ? [postmaster] : [];
}
