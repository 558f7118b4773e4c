import { readFileSync } from 'node:fs';

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text);
  if (typeof version !== 'string') throw new Error('package.json has no version.');
  return version;
}

/** The version of this program, from its package.json. */
export const VERSION = readVersion();
