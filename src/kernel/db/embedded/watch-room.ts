import { statfs } from 'node:fs/promises';
import type { Logger } from '../../log/types.ts';
import type { Room } from '../room.ts';

// A PostgreSQL that finds no room for its write-ahead log stops, and with it every read. Changes are refused before: what
// is kept free takes the changes under way and some segments (16 MiB each), and reads write, too (hint bits, sorting).
const KEPT_FREE_BYTES = 64 * 1024 * 1024;
const ENOUGH_BYTES = 80 * 1024 * 1024;
const LOOK_EVERY_MS = 500;

export type RoomWatch = Room & {
  /** Whom to tell of each change from now on. */
  onChange(listener: (isLow: boolean) => void): void;
  stop(): void;
};

/** Bytes that are left on a directory's disk for who is not root. */
async function bytesLeft(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Watches how much room is left on a directory's disk. */
export async function watchRoom(directory: string, log: Logger): Promise<RoomWatch> {
  const listeners: ((isLow: boolean) => void)[] = [];
  let low = false;

  async function look(): Promise<void> {
    const left = await bytesLeft(directory).catch(() => undefined);
    // Who cannot tell does not refuse: the database itself will.
    const isLow = left !== undefined && left < (low ? ENOUGH_BYTES : KEPT_FREE_BYTES);
    if (isLow === low) return;
    low = isLow;
    if (isLow) log.error('the disk is full: changes are refused', { directory, bytesLeft: left });
    else log.warn('the disk has room again: changes are accepted', { directory, bytesLeft: left });
    for (const listener of listeners) listener(isLow);
  }

  await look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  return {
    isLow: () => low,
    onChange: (listener) => void listeners.push(listener),
    stop: () => clearInterval(timer),
  };
}
