import { isBrowserCode, isTestCode } from '../source/tree.mjs';

/**
 * @typedef {object} Place where a module stands in the house
 * @property {string} path relative to `src`
 * @property {'kernel' | 'core' | 'features' | 'web' | 'root'} ring
 * @property {string} folder the module or feature it belongs to, such as `core/users` or `features/stages/invitation`
 * @property {boolean} browser runs in the browser
 * @property {boolean} test is test code
 * @property {boolean} schema is a `schema.ts`, which runs on both sides
 */

/**
 * Tells modules' places apart.
 * @param {readonly string[]} modules all paths of the tree; a feature is the folder that holds a `feature.ts`
 * @returns {(path: string) => Place}
 */
export function createPlaces(modules) {
  const features = new Set(modules.filter((path) => path.endsWith('/feature.ts')).map((path) => path.slice(0, -11)));
  return (path) => ({
    path,
    ring: ringOf(path),
    folder: folderOf(path, features),
    browser: isBrowserCode(path),
    test: isTestCode(path),
    schema: path.endsWith('/schema.ts') && !path.startsWith('kernel/'),
  });
}

function ringOf(path) {
  const [first = ''] = path.split('/');
  return path.includes('/') && ['kernel', 'core', 'features', 'web'].includes(first) ? first : 'root';
}

function folderOf(path, features) {
  const parts = path.split('/').slice(0, -1);
  if (parts[0] !== 'features') return parts.slice(0, parts[0] === 'kernel' ? 1 : 2).join('/');
  for (let depth = 2; depth <= parts.length; depth++) {
    const folder = parts.slice(0, depth).join('/');
    if (features.has(folder)) return folder;
  }
  return parts.slice(0, 3).join('/');
}
