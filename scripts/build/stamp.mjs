import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from './files.mjs';

const CONFIGURATION = [
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.server.json',
  'tsconfig.build.json',
  'tsconfig.web.json',
  'vite.config.ts',
];

/**
 * What the build is made from, as one digest: names, sizes and times of change, not contents, so that it takes
 * milliseconds.
 * @param {string} root the repository
 * @returns {string} a SHA-256 in hex
 */
export function fingerprint(root) {
  const hash = createHash('sha256');
  const inputs = [
    ...CONFIGURATION,
    ...listFiles(join(root, 'src')).map((path) => `src/${path}`),
    ...listFiles(join(root, 'scripts')).map((path) => `scripts/${path}`),
  ];
  for (const path of inputs) {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    hash.update(`${path}\0${stat ? `${stat.mtimeMs}\0${stat.size}` : 'absent'}\n`);
  }
  return hash.digest('hex');
}

/**
 * The fingerprint that the last complete build left.
 * @param {string} file
 * @returns {string | undefined} undefined when there was none
 */
export function lastStamp(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
