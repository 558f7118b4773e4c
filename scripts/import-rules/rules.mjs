// The rules of ARCHITECTURE.md, "The rings and their rules". Rule 6 (cycles) is in cycles.mjs; rule 7 concerns tables
// and is a test on the migrated database. Two house rules without a number are called `main` and `test`.
import { isBuiltin } from 'node:module';

/**
 * Judges one import between two modules of the tree.
 * @param {import('./place.mjs').Place} from
 * @param {import('./place.mjs').Place} to
 * @param {{ order: readonly string[], typeOnly: boolean }} circumstances core's order, and whether only types come over
 * @returns {string | undefined} the broken rule, or undefined
 */
export function judge(from, to, { order, typeOnly }) {
  if (from.test) return judgeTest(from, to);
  if (to.test) return 'test';
  if (from.schema) return inside(to.path, 'kernel/schema') ? undefined : '5';
  if (from.browser) return mayBrowserSee(from, to) ? undefined : '4';
  switch (from.ring) {
    case 'kernel':
      return to.ring === 'kernel' ? undefined : '1';
    case 'core':
      return judgeCore(from, to, order);
    case 'features':
      return judgeFeature(from, to, typeOnly);
    default:
      return to.ring === 'root' || to.ring === 'kernel' || to.path === 'core/order.ts' ? undefined : 'main';
  }
}

/**
 * Judges the import of a package or of a part of Node.
 * @param {import('./place.mjs').Place} from
 * @param {string} specifier
 * @returns {string | undefined} the broken rule, or undefined
 */
export function judgePackage(from, specifier) {
  if (from.test) return undefined;
  if (from.schema) return '5';
  return from.browser && isBuiltin(specifier) ? '4' : undefined;
}

function judgeCore(from, to, order) {
  if (to.ring === 'kernel') return undefined;
  if (from.path === 'core/order.ts' || to.ring !== 'core') return '2';
  if (from.folder === to.folder) return to.browser ? '4' : undefined;
  const [own, other] = [from, to].map(({ folder }) => order.indexOf(folder.slice('core/'.length)));
  return own >= 0 && other >= 0 && other < own ? undefined : '2';
}

function judgeFeature(from, to, typeOnly) {
  if (to.ring === 'kernel') return undefined;
  if (from.folder === to.folder) return to.browser ? '4' : undefined;
  if (to.path === `${to.folder}/index.ts` && to.ring === 'core') return undefined;
  if (to.path === `${to.folder}/tables.ts` && to.ring === 'core' && typeOnly) return undefined;
  return '3';
}

function mayBrowserSee(from, to) {
  if (to.schema || inside(to.path, browserFolder(from))) return true;
  return inside(to.path, 'web/kit') || inside(to.path, 'web/api') || /^core\/[^/]+\/ui\//.test(to.path);
}

function browserFolder({ path, folder }) {
  return path.startsWith('web/') ? folder : path.slice(0, path.lastIndexOf('/ui/') + 3);
}

// Test code sees its own ring, the rings below it, and what was made for tests.
function judgeTest(from, to) {
  if (inside(to.path, 'kernel/testing') || to.path.endsWith('/builders.ts')) return undefined;
  if (from.browser) return mayBrowserSee(from, to) ? undefined : '4';
  const rings = ['kernel', 'core', 'features'];
  const [own, other] = [from, to].map(({ ring }) => rings.indexOf(ring));
  if (from.ring === 'root' || (other >= 0 && other <= own && (!to.browser || from.folder === to.folder)))
    return undefined;
  return String(own + 1);
}

function inside(path, folder) {
  return path.startsWith(`${folder}/`);
}
