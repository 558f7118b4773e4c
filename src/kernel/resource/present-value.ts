import type { Json } from '../schema/types.ts';
import type { Shape } from './field.ts';

/**
 * Makes the public form of a value made in Node: exactly the declared keys, in declared order; absent ones stay absent
 * (challenges leave out optional keys). Throws TypeError when it is no object.
 */
export function presentShape(shape: Shape, value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${shape.name} is made from an object.`);
  const source = new Map<string, unknown>(Object.entries(value));
  const shown: { [key: string]: Json } = {};
  for (const [key, field] of Object.entries(shape.fields)) {
    const one = source.get(key);
    if (one === undefined || field.access === 'write') continue;
    const presented = one === null ? null : field.kind.present(one);
    if (presented !== undefined) shown[key] = presented;
  }
  return shown;
}
