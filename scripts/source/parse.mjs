import { parseSync } from 'vite';

/**
 * Parses a TypeScript file, types included.
 * @param {string} path decides the dialect by its extension
 * @param {string} text
 * @returns {object} an ESTree program with TypeScript's nodes
 * @throws {Error} when the text does not parse: a file that cannot be read is not a file without faults
 */
export function parse(path, text) {
  const { program, errors } = parseSync(path, text, { lang: path.endsWith('x') ? 'tsx' : 'ts' });
  const [error] = errors;
  if (error) throw new Error(`${path} does not parse: ${error.message}\n${error.codeframe ?? ''}`);
  return program;
}

/**
 * Visits every node of a program, parents first.
 * @param {object} program
 * @param {(node: object, parent: object | undefined, key: string | undefined) => void} visit
 */
export function walk(program, visit) {
  const enter = (node, parent, key) => {
    visit(node, parent, key);
    for (const [name, value] of Object.entries(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child?.type === 'string') enter(child, node, name);
      }
    }
  };
  enter(program, undefined, undefined);
}

/**
 * @param {string} text
 * @param {number} offset
 * @returns {number} the line of an offset, counted from 1
 */
export function lineAt(text, offset) {
  return text.slice(0, offset).split('\n').length;
}
