import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The pid in the cluster's `postmaster.pid`, or undefined without one. It may be stale, or another process's by now. */
export async function readPostmasterPid(cluster: string): Promise<number | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  // A standalone backend writes its pid with a minus.
  return Number.isSafeInteger(pid) && pid !== 0 ? Math.abs(pid) : undefined;
}

/** Whether a process of that id exists, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * The processes that work in the cluster: PostgreSQL's have it as their current directory. Undefined where the system
 * cannot tell (it needs /proc).
 */
export async function findClusterProcesses(cluster: string): Promise<number[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const names = await readdir('/proc').catch(() => undefined);
  if (!names) return undefined;
  const pids = names.map(Number).filter((pid) => Number.isSafeInteger(pid));
  const directories = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => directories[index] === cluster);
}

/** Sends a signal; a process that is gone is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Looks every 10 ms until `check` holds. @returns whether it did within that many milliseconds */
export async function waitUntil(check: () => boolean | Promise<boolean>, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!(await check())) {
    if (performance.now() >= end) return false;
    await pause(10);
  }
  return true;
}

/** Resolves after that many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
