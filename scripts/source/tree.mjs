import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../build/files.mjs';

/**
 * The modules of a source tree.
 * @param {string} source the `src` folder
 * @returns {string[]} paths relative to it, with forward slashes
 */
export function listModules(source) {
  return listFiles(source).filter((path) => /\.tsx?$/.test(path));
}

/**
 * How many modules the tree has, by another road than {@link listModules}, so that *checked nothing* cannot pass for
 * *found nothing*. Counts every dialect: a stray `.js` or `.mts` makes the numbers differ.
 * @param {string} source the `src` folder
 * @returns {number} 0 when the folder does not exist
 */
export function countModules(source) {
  let names;
  try {
    names = readdirSync(join(source), { recursive: true, encoding: 'utf8' });
  } catch {
    return 0;
  }
  return names.filter((name) => /\.[cm]?[jt]sx?$/i.test(name)).length;
}

/**
 * Whether a module is test code: it may look everywhere below, and nothing that ships may import it.
 * @param {string} path relative to `src`
 * @returns {boolean}
 */
export function isTestCode(path) {
  return /\.test\.tsx?$/.test(path) || /(^|\/)builders\.ts$/.test(path) || path.startsWith('kernel/testing/');
}

/**
 * Whether a module runs in the browser.
 * @param {string} path relative to `src`
 * @returns {boolean}
 */
export function isBrowserCode(path) {
  return path.startsWith('web/') || /(^|\/)ui\//.test(path);
}
