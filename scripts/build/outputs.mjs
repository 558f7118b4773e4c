import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listFiles } from './files.mjs';

const BROWSER = /^web\/|(^|\/)ui\//;
const TEST_ONLY = /\.test\.tsx?$|(^|\/)builders\.ts$|^kernel\/testing\//;
const NOT_SHIPPED = /(^|\/)README\.md$/;

/**
 * What belongs into `dist` according to the sources, browser bundles apart.
 * @param {string} source the `src` folder
 * @returns {{ compiled: string[], assets: string[] }} files tsc emits, and files to be copied; relative paths
 */
export function expectedOutputs(source) {
  const files = listFiles(source).filter((path) => !BROWSER.test(path) && !TEST_ONLY.test(path));
  const compiled = files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
  const assets = files.filter((path) => !/\.tsx?$/.test(path) && !NOT_SHIPPED.test(path));
  return { compiled: compiled.map((path) => path.replace(/\.ts$/, '.js')), assets };
}

/**
 * Copies what tsc leaves behind: messages, mail templates and the like.
 * @param {string} source the `src` folder
 * @param {string} target the `dist` folder
 * @param {readonly string[]} assets relative paths
 */
export function copyAssets(source, target, assets) {
  for (const path of assets) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(source, path), join(target, path));
  }
}

/**
 * Removes what an earlier build left of sources that are gone. A left-over `feature.js` would still be discovered.
 * `web/` belongs to the web build, which empties it itself.
 * @param {string} target the `dist` folder
 * @param {readonly string[]} expected relative paths that stay
 * @returns {string[]} what was removed
 */
export function removeStale(target, expected) {
  const keep = new Set(expected);
  const stale = listFiles(target, (folder) => folder !== 'web').filter((path) => path !== '.stamp' && !keep.has(path));
  for (const path of stale) rmSync(join(target, path));
  return stale;
}
