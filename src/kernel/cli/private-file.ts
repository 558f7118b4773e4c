import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { systemRandom } from '../random.ts';
import { CommandError } from './command.ts';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The file itself where the name is a link to one, so that the link stays. */
const targetOf = (file: string): Promise<string> => realpath(file).catch(() => file);

/** Whether it is there and nothing to replace: a pipe, a terminal, or what the shell opened as /dev/stdout. */
async function isOpened(file: string): Promise<boolean> {
  if (file.startsWith('/dev/')) return true;
  const present = await stat(file).catch(() => undefined);
  return present !== undefined && !present.isFile();
}

async function replace(file: string, text: string): Promise<void> {
  const partial = `${file}.${systemRandom.uuid()}.partial`;
  try {
    const handle = await open(partial, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/**
 * Writes a text that nobody else may read. The file has it whole or not at all, and whoever could read the file of that
 * name before, or has it open still, reads nothing of it. A terminal or a pipe is written to as it is.
 * @throws CommandError when it cannot be written
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  try {
    await ((await isOpened(file)) ? writeFile(file, text) : replace(await targetOf(file), text));
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${reasonOf(error)}`);
  }
}
