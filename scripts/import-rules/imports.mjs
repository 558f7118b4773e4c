import { lineAt, parse, walk } from '../source/parse.mjs';

/**
 * @typedef {object} Import
 * @property {string} specifier as written
 * @property {boolean} typeOnly whether nothing of it remains at run time
 * @property {number} line
 */

/**
 * Every import of a module: `import`, `export … from`, `import()` of a literal, `import('…')` types and
 * `import … = require()`. `import.meta.glob` is discovery and names nobody, so it does not count.
 * @param {string} path
 * @param {string} text
 * @returns {Import[]}
 * @throws {Error} when the text does not parse
 */
export function importsOf(path, text) {
  const found = [];
  walk(parse(path, text), (node) => {
    const source = sourceOf(node);
    const specifier = source ? literal(source) : undefined;
    if (specifier === undefined) return;
    found.push({ specifier, typeOnly: isTypeOnly(node), line: lineAt(text, node.start) });
  });
  return found;
}

function sourceOf(node) {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node.source;
    case 'TSExternalModuleReference':
      return node.expression;
    default:
      return undefined;
  }
}

function literal(source) {
  if (source.type === 'Literal' && typeof source.value === 'string') return source.value;
  if (source.type === 'TemplateLiteral' && source.expressions.length === 0) return source.quasis[0].value.cooked;
  return undefined;
}

function isTypeOnly(node) {
  if (node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = node.specifiers ?? [];
  return specifiers.length > 0 && specifiers.every((each) => (each.importKind ?? each.exportKind) === 'type');
}
