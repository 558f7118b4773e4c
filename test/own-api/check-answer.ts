import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Registry } from '../../src/kernel/feature.ts';
import type { ApiAnswer } from '../../src/kernel/http/server.ts';
import { buildOwnDocument } from '../../src/kernel/own-api/document.ts';
import { OWN_API } from '../../src/kernel/own-api/index.ts';
import { parseEmail } from '../../src/kernel/schema/email.ts';
import { isJsonObject } from '../../src/kernel/schema/types.ts';
import type { Json, JsonObject } from '../../src/kernel/schema/types.ts';

const DOCUMENT = 'own';
const PROBLEM = 'application/problem+json';

/** Every object with declared keys takes no others: so a key that nobody declared fails the test. */
export function tightened(value: Json): Json {
  if (Array.isArray(value)) return value.map(tightened);
  if (!isJsonObject(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, tightened(one)]));
  const isObject = isJsonObject(value['properties']) && value['type'] === 'object';
  return isObject && value['additionalProperties'] === undefined ? { ...inner, additionalProperties: false } : inner;
}

const at = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((found, key) => (isJsonObject(found) ? found[key] : undefined), value);

const keysOf = (value: Json | undefined): string[] => (isJsonObject(value) ? Object.keys(value) : []);

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The declared path that a URL is on. */
function patternOf(document: JsonObject, path: string): string | undefined {
  const segments = path.split('/');
  const fits = (pattern: string): boolean => {
    const wanted = pattern.split('/');
    return (
      wanted.length === segments.length &&
      wanted.every((one, index) => (one.startsWith('{') ? segments[index] !== '' : one === segments[index]))
    );
  };
  const found = keysOf(document['paths']).filter(fits);
  // Literal segments win over parameters.
  return found.toSorted((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** Judges the answers of the own API by its document. Out: what is wrong, or undefined. */
export function answerCheck(registry: Registry): (answer: ApiAnswer) => string | undefined {
  const document = buildOwnDocument(registry);
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  ajv.addFormat('idn-email', (text) => parseEmail(text) !== undefined);
  const made = tightened(document);
  if (!isJsonObject(made)) throw new TypeError('The document is no object.');
  ajv.addSchema({ $id: DOCUMENT, ...made });
  const compiled = new Map<string, ValidateFunction>();
  const validatorOf = (place: readonly string[]): ValidateFunction => {
    const ref = `${DOCUMENT}#/${place.map(escaped).map(encodeURIComponent).join('/')}`;
    const known = compiled.get(ref) ?? ajv.compile({ $ref: ref });
    compiled.set(ref, known);
    return known;
  };
  const errorsOf = (place: readonly string[], body: string | undefined): string | undefined => {
    const validate = validatorOf(place);
    if (validate(JSON.parse(body ?? ''))) return undefined;
    return ajv.errorsText(validate.errors, { separator: '\n  ' });
  };
  return (answer) => {
    const path = answer.url.replace(/[?#].*$/s, '');
    const tell = (what: string): string => `${answer.method} ${path} answered ${answer.status}: ${what}`;
    const problem = answer.contentType === PROBLEM;
    if (answer.method === 'HEAD' || answer.method === 'OPTIONS') return undefined;
    if (problem) {
      const faults = errorsOf(['components', 'schemas', 'Problem'], answer.body);
      if (faults !== undefined) return tell(faults);
    }
    const pattern = patternOf(document, path);
    const operation = pattern === undefined ? undefined : at(document, 'paths', pattern, answer.method.toLowerCase());
    if (pattern === undefined || operation === undefined) {
      const fits = problem && answer.status === (pattern === undefined ? 404 : 405);
      return fits ? undefined : tell('nothing of the document is there, so it must be a problem');
    }
    const declared = at(operation, 'responses', String(answer.status));
    if (declared === undefined) return tell('the document does not know this status');
    if (problem) {
      const { code }: { code: string } = JSON.parse(answer.body ?? '');
      const described = at(declared, 'description');
      const known = typeof described === 'string' ? described.split(', ') : [];
      return known.includes(code) ? undefined : tell(`the document does not know the code ${code}`);
    }
    const types = keysOf(at(declared, 'content'));
    if (types.length === 0) return (answer.body ?? '') === '' ? undefined : tell('the document knows no body');
    const type = answer.contentType ?? '';
    if (!types.includes(type)) return tell(`the document does not know the type ${type}`);
    if (type !== 'application/json') return undefined;
    const place = ['paths', pattern, answer.method.toLowerCase(), 'responses', String(answer.status), 'content', type];
    const faults = errorsOf([...place, 'schema'], answer.body);
    return faults === undefined ? undefined : tell(faults);
  };
}

/** Whether a URL is one of the own API's operations: neither its document nor a page about it. */
export function isOwn(url: string): boolean {
  const path = url.replace(/[?#].*$/s, '').replace(/\/{2,}/g, '/');
  const rest = path.startsWith(`${OWN_API}/`) ? path.slice(OWN_API.length + 1) : '';
  return rest !== '' && rest !== 'openapi.json' && !rest.startsWith('problems/');
}
