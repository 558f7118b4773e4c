import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { countModules, listModules } from '../source/tree.mjs';
import { parse, walk } from '../source/parse.mjs';
import { findCycles } from './cycles.mjs';
import { importsOf } from './imports.mjs';
import { createPlaces } from './place.mjs';
import { judge, judgePackage } from './rules.mjs';

/**
 * @typedef {{ rule: string, file: string, line: number, target: string }} Violation
 * @typedef {{ violations: Violation[], read: number, present: number }} Result
 */

/**
 * Checks the import rules of a whole source tree.
 * @param {string} root the repository
 * @returns {Result} the violations, the number of modules read and the number there are
 * @throws {Error} when a module does not parse
 */
export function checkTree(root) {
  const source = `${root}/src`;
  const modules = listModules(source);
  const tree = { source, places: createPlaces(modules), order: readOrder(source), known: new Set(modules) };
  const graph = new Map();
  const violations = [];
  for (const path of modules) {
    const targets = [];
    for (const each of importsOf(path, readFileSync(join(source, path), 'utf8'))) {
      const { rule, target } = check(tree, path, each);
      if (rule) violations.push({ rule, file: path, line: each.line, target });
      if (tree.known.has(target)) targets.push(target);
    }
    graph.set(path, targets);
  }
  violations.push(...missingFromOrder(tree, modules));
  for (const [file, ...rest] of findCycles(graph)) {
    violations.push({ rule: '6', file, line: 1, target: rest.join(' → ') });
  }
  return { violations, read: graph.size, present: countModules(source) };
}

function check(tree, path, { specifier, typeOnly }) {
  const from = tree.places(path);
  if (!specifier.startsWith('.')) return { rule: judgePackage(from, specifier), target: specifier };
  const target = normalize(join(dirname(path), specifier.replace(/\?.*$/, '')));
  if (target.startsWith('..')) return { rule: judgeOutside(from, target), target };
  if (!existsSync(join(tree.source, target))) return { rule: 'unresolved', target };
  return { rule: judge(from, tree.places(target), { order: tree.order, typeOnly }), target };
}

// What ships consists of src alone; tests may also use what test/ offers.
function judgeOutside(from, target) {
  if (from.test && target.startsWith('../test/')) return undefined;
  return 'test';
}

function missingFromOrder({ order, places }, modules) {
  const folders = new Map();
  for (const path of modules) {
    const { ring, folder } = places(path);
    const name = folder.slice('core/'.length);
    if (ring === 'core' && name !== '' && !order.includes(name) && !folders.has(name)) folders.set(name, path);
  }
  return [...folders.values()].map((file) => ({ rule: '2', file, line: 1, target: 'not in core/order.ts' }));
}

function readOrder(source) {
  const file = join(source, 'core/order.ts');
  if (!existsSync(file)) return [];
  const names = [];
  walk(parse(file, readFileSync(file, 'utf8')), (node) => {
    if (node.type !== 'VariableDeclarator' || node.id.name !== 'order') return;
    walk(node.init, (inner) => {
      if (inner.type === 'Literal' && typeof inner.value === 'string') names.push(inner.value);
    });
  });
  if (names.length === 0) throw new Error('core/order.ts exports no array of folder names called order.');
  return names;
}
