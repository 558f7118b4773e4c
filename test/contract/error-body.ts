import type { Fault } from './schema.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');

/** Contract part 1, 1.2 to 1.4: `{"detail": text}` and nothing else; the published optional `code` is never sent. */
export function detailFaults(body: unknown): Fault[] {
  if (!isObject(body)) return [{ at: '', message: 'must be {"detail": text}' }];
  return loneText(body, 'detail');
}

/**
 * The body of a 400. The published ValidationError accepts anything; the contract knows `{field: [texts]}`,
 * `{non_field_errors: [texts]}`, `{detail}` and `{error}`. Errors of nested objects and lists nest in the same way.
 */
export function validationFaults(body: unknown): Fault[] {
  if (!isObject(body)) return [{ at: '', message: 'must be an object of field errors, {"detail"} or {"error"}' }];
  if (typeof body['detail'] === 'string') return loneText(body, 'detail');
  if (typeof body['error'] === 'string') return loneText(body, 'error');
  if (Object.keys(body).length === 0) return [{ at: '', message: 'must name at least one fault' }];
  return fieldFaults(body, '');
}

function loneText(body: Record<string, unknown>, key: string): Fault[] {
  const extra = Object.keys(body).filter((other) => other !== key);
  const text = body[key];
  return [
    ...(typeof text === 'string' && text !== '' ? [] : [{ at: `/${key}`, message: 'must be a text' }]),
    ...extra.map((other) => ({ at: '', message: `must have the key ${key} only ("${other}")` })),
  ];
}

function fieldFaults(fields: Record<string, unknown>, at: string): Fault[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    const here = `${at}/${field}`;
    if (isTextList(value)) return [];
    if (field === 'non_field_errors') return [{ at: here, message: 'must be a list of texts' }];
    if (isObject(value) && Object.keys(value).length > 0) return fieldFaults(value, here);
    if (isNestedList(value)) return value.flatMap((item, index) => fieldFaults(item, `${here}/${index}`));
    return [{ at: here, message: 'must be a list of texts, or nested field errors' }];
  });
}

/** Errors of a list of objects: one entry for each item, empty where the item is fine, and at least one that is not. */
function isNestedList(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every(isObject) && value.some((item) => Object.keys(item).length > 0);
}
