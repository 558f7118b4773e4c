import { ValidationError } from '../errors/api-error.ts';
import type { Faults } from '../errors/api-error.ts';
import type { Registry } from '../feature.ts';
import { parseShape } from '../resource/check.ts';
import { lookupValue } from '../resource/lookup.ts';
import { readFilterText } from '../resource/filters.ts';
import { bad } from '../resource/field.ts';
import type { Checked, Field, Fields, Shape } from '../resource/field.ts';
import { messages } from '../resource/messages.ts';
import { modelOf } from '../resource/model.ts';
import type { Model } from '../resource/model.ts';
import { detailPath, findObject } from '../resource/operations.ts';
import { objectLevel, viewPermission } from '../resource/scope.ts';
import { presentShape } from '../resource/present-value.ts';
import type { Row } from '../resource/resource.ts';
import type { Union } from '../resource/union.ts';
import { isJsonObject } from '../schema/types.ts';
import type { Json } from '../schema/types.ts';
import type { Endpoint, ResponseBody } from './endpoint.ts';
import { DirectReply } from './message.ts';
import type { Answer, Operation, OperationInput } from './operation.ts';

/** The path of an endpoint below `/api/v3`. */
export function endpointPath({ on, detail, path }: Endpoint): string {
  if (!on) return path;
  return `${detail === false ? on.path : detailPath(on)}${path}`;
}

/** Whether it is about objects of a resource: about one, or about those that the caller may do it to. */
const isOfObjects = ({ on, detail, perObject }: Endpoint): boolean =>
  on !== undefined && (detail !== false || perObject === true);

function permissionsOf(endpoint: Endpoint): readonly string[] | 'public' {
  const { on, permission } = endpoint;
  if (permission === 'public' || endpoint.refuses === true) return 'public';
  const own = permission === null ? [] : [permission];
  if (!on || !isOfObjects(endpoint) || permission === null) return own;
  // Visible and permitted (contract 2.5).
  return [viewPermission(on), ...own];
}

/** Makes the operation of an endpoint. */
export function endpointOperation(endpoint: Endpoint, registry: Registry): Operation {
  const { on, detail, method, operationId } = endpoint;
  const model = on && detail !== false ? modelOf(on, registry) : undefined;
  const permissions = permissionsOf(endpoint);
  const judged = on && isOfObjects(endpoint) ? modelOf(on, registry) : undefined;
  return {
    operationId,
    method,
    path: endpointPath(endpoint),
    permissions,
    ...(judged && permissions !== 'public'
      ? { objectLevel: objectLevel(judged, permissions, { detail: model !== undefined }) }
      : {}),
    readsBody: endpoint.body !== undefined || endpoint.rawBody !== undefined,
    title: endpoint.summary ?? operationId,
    description: endpoint.description ?? endpoint.summary ?? '',
    ...(model ? { find: (ctx, request) => find(endpoint, model, { ctx, request }) } : {}),
    ...(model && endpoint.atOnce ? { atOnce: (input) => attempt(endpoint, model, { input, registry }) } : {}),
    run: (input) => run(endpoint, input, registry),
  };
}

type Attempt = { readonly input: Omit<OperationInput, 'object'>; readonly registry: Registry };

async function attempt(
  endpoint: Endpoint,
  model: Model,
  { input: { ctx, request, body: parsed }, registry }: Attempt,
): Promise<Answer | undefined> {
  const key = lookupValue(model, request);
  const query = readQuery(endpoint.query ?? {}, request.query);
  const body = endpoint.body ? parseShape(endpoint.body.fields, parsed, bodyOptions(endpoint)) : {};
  const raw = isJsonObject(parsed.value) ? parsed.value : {};
  const done = await endpoint.atOnce?.(ctx, { key, raw, query, params: request.params, request, body });
  return done && present(endpoint, done.value, registry);
}

async function find(
  { admit }: Endpoint,
  model: Model,
  { ctx, request }: Pick<OperationInput, 'ctx' | 'request'>,
): Promise<Row> {
  const object = await findObject(ctx, model, { request });
  await admit?.(ctx, object);
  return object;
}

async function run(endpoint: Endpoint, input: OperationInput, registry: Registry): Promise<Answer | DirectReply> {
  const { ctx, request } = input;
  const raw = isJsonObject(input.body.value) ? input.body.value : {};
  const query = readQuery(endpoint.query ?? {}, request.query);
  // A resource's row; endpoints without one are typed so that they do not look at it.
  const given = { object: input.object as Row, raw, query, params: request.params, request };
  await endpoint.before?.(ctx, given);
  if (endpoint.rawBody) parseShape({}, input.body);
  const body = endpoint.body ? parseShape(endpoint.body.fields, input.body, bodyOptions(endpoint)) : {};
  const value = await endpoint.handle(ctx, { ...given, body });
  if (value instanceof DirectReply) return value;
  return present(endpoint, value, registry);
}

function bodyOptions({ partial }: Endpoint): { partial: boolean; fillDefaults: boolean } {
  return { partial: partial === true, fillDefaults: partial !== true };
}

function readParameter(field: Field, texts: readonly string[]): Checked<unknown> | undefined {
  // A parameter that may be repeated is held to what is said of it: it names what a change is made to.
  if (field.kind.name === 'list') {
    if (texts.length > 0) return field.kind.check([...texts]);
    return field.required ? bad('required', messages.required) : undefined;
  }
  const text = texts.at(-1);
  return text === undefined || text === '' ? undefined : readFilterText(field.kind, text);
}

/** Query parameters by their declared fields; empty ones count as absent, bad ones are a 400. */
function readQuery(fields: Fields, query: URLSearchParams): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const faults: Record<string, Faults> = {};
  for (const [name, field] of Object.entries(fields)) {
    const read = readParameter(field, query.getAll(name));
    if (read === undefined) {
      if (field.default !== undefined) values[name] = field.default;
    } else if ('faults' in read) faults[name] = read.faults;
    else values[name] = read.value;
  }
  if (Object.keys(faults).length > 0) throw new ValidationError(faults);
  return values;
}

function present({ responses, operationId }: Endpoint, value: unknown, registry: Registry): Answer {
  const [[status, body] = [204, null]] = Object.entries(responses).filter(([code]) => Number(code) < 300);
  if (body === null || body === undefined) return { status: Number(status), value: undefined };
  if (value === undefined) throw new Error(`${operationId} gave nothing to present.`);
  return { status: Number(status), value: presentBody(body, value, registry) };
}

function presentBody(body: NonNullable<ResponseBody>, value: unknown, registry: Registry): Json {
  if ('array' in body) {
    if (!Array.isArray(value)) throw new TypeError('An array is declared.');
    return value.map((one) => presentShape(body.array, one));
  }
  if ('variants' in body) return presentShape(variantOf(body, value, registry), value);
  if ('fields' in body) return presentShape(body, value);
  if ('paginated' in body) return presentPage(body.paginated, value);
  // Ready JSON, documented by a schema object.
  return value as Json;
}

function presentPage(shape: Shape, value: unknown): Json {
  if (typeof value !== 'object' || value === null || !('pagination' in value) || !('results' in value)) {
    throw new TypeError('A page is declared.');
  }
  const { pagination, results } = value;
  if (!Array.isArray(results)) throw new TypeError('A page has results.');
  return { pagination: pagination as Json, results: results.map((one) => presentShape(shape, one)), autocomplete: {} };
}

function variantOf(union: Union, value: unknown, registry: Registry): Shape {
  const object = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const name = object.find(([key]) => key === union.discriminator)?.[1];
  const shape = union.variants(registry)[String(name)];
  if (!shape) throw new Error(`${union.name} has no variant ${String(name)}.`);
  return shape;
}
