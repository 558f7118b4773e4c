import type { Parameter } from '../db/types.ts';
import { notFound } from '../errors/catalogue.ts';
import type { HttpRequest } from '../http/message.ts';
import type { Model } from './model.ts';

/** The value of a detail URL; throws the 404 of a path that cannot be one (contract 1.3). */
export function lookupValue({ lookup }: Model, { params }: HttpRequest): Parameter {
  const text = params[lookup.parameter] ?? '';
  const numeric = lookup.kind.name === 'integer';
  // A UUID written as a number is one in a body, but not in a path.
  const checked = numeric && !/^\d+$/.test(text) ? undefined : lookup.kind.check(text);
  if (!checked || 'faults' in checked) {
    // Text keys (slugs) route whatever they are, and then match nothing.
    if (lookup.kind.sqlType === 'text' && !text.includes('\0')) return text;
    throw notFound();
  }
  return lookup.kind.encode(checked.value);
}
