import { detailFaults, validationFaults } from './error-body.ts';
import { resolveResponse } from './openapi.ts';
import type { Operation, PathItem, Schema } from './openapi.ts';
import { publishedDocument } from './published-document.ts';
import { apiPath, createRouter, operationOf } from './route.ts';
import type { Router } from './route.ts';
import { faultsOf } from './schema.ts';
import type { Fault } from './schema.ts';

/** What was answered. A `body` that is a string is raw text; anything else but undefined and null is taken as parsed JSON. */
export interface Answer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/** One way in which an answer breaks the contract. Contains no values of the body. */
export interface Problem extends Fault {
  readonly operation: string;
  readonly status: number;
  readonly rule: 'status' | 'type' | 'empty' | 'json' | 'error' | 'options' | 'loose' | 'tight';
}

type Found = Omit<Problem, 'operation' | 'status'>;

// Contract part 1, 1.2 to 1.4: these come from every URL and stand in no operation.
const errorStatuses: readonly number[] = [403, 404, 405, 406, 413, 415, 429, 503];
const executor = /^\/flows\/executor\/[^/]+\/$/;
const optionKeys = ['actions', 'description', 'name', 'parses', 'renders'];

let router: Router | undefined;

/**
 * Checks one answer under `/api/v3` against schema.yml, as published and strictly, and against the contract's forms of errors.
 * @returns every problem; none means that the answer is right. `/api/v3/schema/` is not looked at.
 */
export function checkResponse(answer: Answer): Problem[] {
  const target = targetOf(answer);
  const { path, operation } = target;
  if (path === '/schema/') return [];
  const label = operation?.operationId ?? `${answer.method} ${path ?? answer.url.replace(/[?#].*$/s, '')}`;
  return problemsOf(answer, target).map((found) => ({ operation: label, status: answer.status, ...found }));
}

/** The operationId that a request reaches, or nothing: unknown URL, or a method that the URL does not have. */
export function operationIdOf(request: Pick<Answer, 'method' | 'url'>): string | undefined {
  return targetOf(request).operation?.operationId;
}

interface Target {
  readonly path: string | undefined;
  readonly item: PathItem | undefined;
  readonly operation: Operation | undefined;
}

function targetOf({ method, url }: Pick<Answer, 'method' | 'url'>): Target {
  const path = apiPath(url);
  const item = path === undefined ? undefined : routerOfPublished()(path);
  return { path, item, operation: item && operationOf(item, method) };
}

function routerOfPublished(): Router {
  router ??= createRouter(publishedDocument());
  return router;
}

function problemsOf(answer: Answer, { path, item, operation }: Target): Found[] {
  const { status } = answer;
  const method = answer.method.toUpperCase();
  if (path === undefined) return [{ rule: 'status', at: '', message: 'the URL is not under /api/v3/' }];
  if (method === 'HEAD') return [...emptyProblems(answer), ...statusProblems(status, item, operation)];
  if (!item) return status === 404 ? errorProblems(answer, detailFaults) : statusProblems(status, item, operation);
  if (method === 'OPTIONS' && status === 200) return optionsProblems(answer);
  if (status === 302 && executor.test(path)) return [];
  if (status === 400 && operation) return errorProblems(answer, validationFaults);
  if (errorStatuses.includes(status)) return errorProblems(answer, detailFaults);
  const wrongStatus = statusProblems(status, item, operation);
  if (wrongStatus.length > 0 || !operation) return wrongStatus;
  return contentProblems(answer, operation);
}

function statusProblems(status: number, item: PathItem | undefined, operation: Operation | undefined): Found[] {
  const declared = status < 500 && operation !== undefined && String(status) in operation.responses;
  const allowed = item ? declared || errorStatuses.includes(status) : status === 404;
  if (allowed) return [];
  const message = item
    ? 'the status is neither of the operation nor a general error'
    : 'an unknown URL is answered by 404';
  return [{ rule: 'status', at: '', message }];
}

function contentProblems(answer: Answer, operation: Operation): Found[] {
  const declared = operation.responses[String(answer.status)];
  const content = declared && resolveResponse(publishedDocument(), declared).content;
  if (!content) return emptyProblems(answer);
  const schema = content['application/json']?.schema;
  if (schema?.format === 'binary') return fileProblems(answer);
  if (schema) return jsonProblems(answer, (body) => schemaProblems(body, schema));
  const types = Object.keys(content);
  if (types.includes(answer.contentType?.split(';')[0] ?? '')) return [];
  return [{ rule: 'type', at: '', message: `the content type must be ${types.join(' or ')}` }];
}

/** A file to be saved (the export of a flow): the schema says JSON, as it does of every answer, but it goes out as it is. */
function fileProblems({ body, contentType }: Answer): Found[] {
  const named = contentType !== undefined && contentType !== 'application/json';
  if (named && typeof body === 'string' && body !== '') return [];
  return [{ rule: 'type', at: '', message: 'a file must have content and a type of its own' }];
}

function schemaProblems(body: unknown, schema: Schema): Found[] {
  const loose = faultsOf(body, schema, 'loose');
  if (loose.length > 0) return loose.map((fault) => ({ rule: 'loose', ...fault }));
  return faultsOf(body, schema, 'tight').map((fault) => ({ rule: 'tight', ...fault }));
}

function errorProblems(answer: Answer, check: (body: unknown) => Fault[]): Found[] {
  return jsonProblems(answer, (body) => check(body).map((fault) => ({ rule: 'error', ...fault })));
}

function optionsProblems(answer: Answer): Found[] {
  return jsonProblems(answer, (body) => {
    const keys = typeof body === 'object' && body !== null ? Object.keys(body).toSorted() : [];
    if (keys.join() === optionKeys.join()) return [];
    return [{ rule: 'options', at: '', message: `must have the keys ${optionKeys.join(', ')} and no other` }];
  });
}

/** Contract part 1, 1.5: `application/json` without charset. */
function jsonProblems({ body, contentType }: Answer, check: (body: unknown) => Found[]): Found[] {
  const type: Found[] =
    contentType === 'application/json'
      ? []
      : [{ rule: 'type', at: '', message: 'the content type must be application/json' }];
  const parsed = parse(body);
  if (!parsed) return [...type, { rule: 'json', at: '', message: 'the body is not JSON' }];
  return [...type, ...check(parsed.value)];
}

function parse(body: unknown): { value: unknown } | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body !== 'string') return { value: body };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}

function emptyProblems({ body }: Answer): Found[] {
  if (body === undefined || body === null || body === '') return [];
  return [{ rule: 'empty', at: '', message: 'the body must be empty' }];
}
