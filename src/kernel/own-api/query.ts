import type { Json } from '../schema/types.ts';
import type { Params } from './operation.ts';
import { Problem, problems } from './problem.ts';
import type { ValueProblem } from './problem.ts';
import type { Properties, Type, ValuesOf } from './type.ts';

function valueOf(type: Type, texts: readonly string[]): Json {
  const read = (text: string): Json => type.fromText?.(text) ?? text;
  if (type.repeated === true) return texts.map(read);
  return read(texts.at(-1) ?? '');
}

/** Query parameters by their types. Throws 422 that names every bad, missing and unknown one. */
export function readQuery<P extends Properties>(properties: P, query: URLSearchParams): ValuesOf<P> {
  const values: Record<string, unknown> = {};
  const errors: ValueProblem[] = [];
  const fault = (parameter: string, code: string, detail: string): void =>
    void errors.push({ parameter, code, detail });
  for (const [name, type] of Object.entries(properties)) {
    const texts = query.getAll(name);
    if (texts.length === 0) {
      if (type.absent) values[name] = type.absent.fallback;
      else fault(name, 'required', 'This is required.');
      continue;
    }
    if (texts.length > 1 && type.repeated !== true) fault(name, 'repeated', 'This may be given once.');
    const found: ValueProblem[] = [];
    values[name] = type.check(valueOf(type, texts), { pointer: '', problems: found });
    for (const { code, detail } of found) fault(name, code, detail);
  }
  for (const name of new Set(query.keys())) {
    if (!Object.hasOwn(properties, name)) fault(name, 'unknown', 'There is no such parameter.');
  }
  if (errors.length > 0) throw new Problem(problems.invalidFields, { errors });
  // The keys are those of P, each checked by its own type.
  return values as ValuesOf<P>;
}

/** The values of the path's segments. Throws 404 for one that cannot be. */
export function readParams(properties: Properties, given: Params): Params {
  const params: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    const type = properties[name];
    const checked = type ? type.check(text, { pointer: '', problems: [] }) : text;
    if (typeof checked !== 'string') throw new Problem(problems.notFound);
    params[name] = checked;
  }
  return params;
}
