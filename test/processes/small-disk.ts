import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, small enough to be filled. */
export type SmallDisk = {
  readonly directory: string;
  /** Takes the room that is left, but for so many megabytes. */
  fill(left?: number): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  close(): Promise<void>;
};

const MEGABYTE = 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024);

async function fill(directory: string, path: string, left: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const file = await open(path, 'w');
  try {
    const wanted = left === 0 ? Infinity : bavail * bsize - left * MEGABYTE;
    for (let written = 0; written < wanted; written += CHUNK.length) await file.write(CHUNK);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await file.close();
  }
}

/** Mounts one in memory. @returns why not, in words, where this process may not mount (it takes root) */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | string> {
  const directory = await mkdtemp(join(tmpdir(), 'vestibule-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', directory], { stdio: 'pipe' });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    const words = error instanceof Error ? error.message.split('\n').at(-2) : String(error);
    return `no small file system can be mounted here: ${words ?? 'mount failed'}`;
  }
  await chmod(directory, 0o755);
  const ballast = join(directory, 'ballast');
  return {
    directory,
    fill: (left = 0) => fill(directory, ballast, left),
    free: () => rm(ballast, { force: true }),
    async close() {
      // Whoever still has a file open there ends on its own; the file system goes with the last of them.
      execFileSync('umount', ['--lazy', directory], { stdio: 'pipe' });
      await rm(directory, { recursive: true, force: true });
    },
  };
}
