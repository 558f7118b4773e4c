import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MIN_SECRET_KEY_LENGTH } from '../crypto/vault.ts';
import { systemRandom } from '../random.ts';
import { ConfigError } from './config.ts';

const FILE_NAME = 'secret.key';
const GENERATED_LENGTH = 64;

/** Where the secret key of a data directory is. */
export const secretKeyFile = (dataDir: string): string => join(dataDir, FILE_NAME);

/**
 * The installation's secret key: the configured one, else that of `<dataDir>/secret.key`; undefined where there is no such
 * file. Writes nothing. Throws ConfigError when the file holds less than 32 characters, and the file system's errors.
 */
export async function readSecretKey(dataDir: string, configured?: string): Promise<string | undefined> {
  if (configured !== undefined) return configured;
  const file = secretKeyFile(dataDir);
  const key = await readKey(file);
  return key === undefined ? undefined : checkedKey(file, key);
}

/**
 * As {@link readSecretKey}, for a new installation: the file is made on first use, readable by its owner only and on disk
 * before it is returned. Processes that start together get the same one.
 */
export async function loadSecretKey(dataDir: string, configured?: string): Promise<string> {
  const file = secretKeyFile(dataDir);
  return (await readSecretKey(dataDir, configured)) ?? checkedKey(file, await createKey(dataDir, file));
}

/** The same without making one or throwing: undefined where there is none, or none of enough characters. */
export async function findSecretKey(dataDir: string, configured?: string): Promise<string | undefined> {
  const key = configured ?? (await readKey(secretKeyFile(dataDir)));
  return key !== undefined && key.length >= MIN_SECRET_KEY_LENGTH ? key : undefined;
}

function checkedKey(file: string, key: string): string {
  if (key.length >= MIN_SECRET_KEY_LENGTH) return key;
  throw new ConfigError([
    `${file} holds no secret key of at least ${MIN_SECRET_KEY_LENGTH} characters; restore it from a backup.`,
  ]);
}

async function createKey(dataDir: string, file: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${file}.${systemRandom.uuid()}`;
  const key = systemRandom.secret(GENERATED_LENGTH);
  try {
    await writeDurably(draft, `${key}\n`);
    // A link appears whole or not at all, and fails when another process was first: nobody reads half a key.
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  await syncDirectory(dataDir);
  return readKeyFile(file);
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // directories cannot be opened there
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readKey(file: string): Promise<string | undefined> {
  try {
    return await readKeyFile(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function readKeyFile(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
