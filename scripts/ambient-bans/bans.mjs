import { walk } from '../source/parse.mjs';

// Style rule 7: the world comes in through the context. What each ban says is what to use instead.
export const CLOCK = 'the time comes from context.clock.now(), or from the database where processes must agree';
export const RANDOM = 'ids and secrets come from context.random';
export const OUTBOUND = 'requests to the world go through the kernel, which guards them (SSRF)';

const CRYPTO = new Set(['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues', 'randomFillSync', 'randomFill']);
const TYPES = /^TS(?!AsExpression|SatisfiesExpression|NonNullExpression)/;
const GLOBALS = new Set(['globalThis', 'window', 'self']);

/**
 * Whether a module has a name of its own, which then is not the global.
 * @param {object} program
 * @param {string} name
 * @returns {boolean}
 */
export function declares(program, name) {
  let found = false;
  walk(program, (node) => {
    if (patternsOf(node).some((pattern) => binds(pattern, name))) found = true;
  });
  return found;
}

function patternsOf(node) {
  if (node.type === 'VariableDeclarator') return [node.id];
  if (node.type.startsWith('Import') && node.local) return [node.local];
  return Array.isArray(node.params) && !TYPES.test(node.type) ? node.params : [];
}

function binds(pattern, name) {
  switch (pattern?.type) {
    case 'Identifier':
      return pattern.name === name;
    case 'ObjectPattern':
      return pattern.properties.some((each) => binds(each.value ?? each.argument, name));
    case 'ArrayPattern':
      return pattern.elements.some((each) => binds(each, name));
    case 'AssignmentPattern': // its right side is a use, not a declaration
      return binds(pattern.left, name);
    case 'RestElement':
      return binds(pattern.argument, name);
    default:
      return false;
  }
}

/**
 * What a node of the syntax tree takes from the world without asking.
 * @param {object} node
 * @param {object | undefined} parent
 * @param {string | undefined} key the parent's property that holds the node
 * @returns {{ what: string, instead: string } | undefined}
 */
export function ambientUse(node, parent, key) {
  switch (node.type) {
    case 'NewExpression':
      return isGlobal(node.callee, 'Date') && node.arguments.length === 0 ? ban('new Date()', CLOCK) : undefined;
    case 'CallExpression':
      return isGlobal(node.callee, 'Date') ? ban('Date()', CLOCK) : undefined;
    case 'MemberExpression':
      return memberUse(node);
    case 'ImportSpecifier':
      return importUse(node, parent);
    case 'Identifier':
      return node.name === 'fetch' && isReference(parent, key) ? ban('fetch', OUTBOUND) : undefined;
    default:
      return undefined;
  }
}

function memberUse(node) {
  const name = propertyName(node);
  if (name === 'now' && isGlobal(node.object, 'Date')) return ban('Date.now', CLOCK);
  if (name === 'random' && isGlobal(node.object, 'Math')) return ban('Math.random', RANDOM);
  if (CRYPTO.has(name) && isCrypto(node.object)) return ban(`crypto.${name}`, RANDOM);
  if (name === 'fetch' && GLOBALS.has(node.object.name)) return ban('fetch', OUTBOUND);
  return undefined;
}

function importUse(node, parent) {
  const name = node.imported.name ?? node.imported.value;
  const fromCrypto = /^(node:)?crypto$/.test(parent?.source?.value ?? '');
  return fromCrypto && CRYPTO.has(name) ? ban(`crypto.${name}`, RANDOM) : undefined;
}

function isGlobal(node, name) {
  if (node.type === 'Identifier') return node.name === name;
  return node.type === 'MemberExpression' && GLOBALS.has(node.object.name) && propertyName(node) === name;
}

function isCrypto(node) {
  return isGlobal(node, 'crypto') || node.name === 'webcrypto';
}

function propertyName(node) {
  return node.computed ? node.property.value : node.property.name;
}

// A name is no use of the global where it is a property, a key or a type.
function isReference(parent, key) {
  if (!parent || TYPES.test(parent.type)) return false;
  if (parent.type === 'MemberExpression') return key === 'object' || parent.computed;
  return key !== 'key';
}

function ban(what, instead) {
  return { what, instead };
}
