import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The pid in the cluster's `postmaster.pid`, or undefined without one. It may be stale, or another process's by now. */
export async function readPostmasterPid(cluster: string): Promise<number | undefined> {
  return readPid(join(cluster, 'postmaster.pid'));
}

/** The pid in the first line of a lock file of PostgreSQL's, or undefined without one. */
export async function readPid(file: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  // A standalone backend writes its pid with a minus.
  return Number.isSafeInteger(pid) && pid !== 0 ? Math.abs(pid) : undefined;
}

/** Whether a process of that id runs, ours or not. One that has ended and that nobody collects (a zombie) does not. */
export function isAlive(pid: number): boolean {
  return exists(pid) && !isZombie(pid);
}

/** Whether the id is taken: what PostgreSQL goes by when it finds a lock file. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

// In a container whose first process collects nobody, a killed server stays in the table for ever.
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // proc(5): pid (name) state …; the name may hold anything.
    return /^.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
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
