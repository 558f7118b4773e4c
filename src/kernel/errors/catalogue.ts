import type { Json } from '../schema/types.ts';
import { ApiError } from './api-error.ts';

type Headers = Record<string, string>;

const detail = (status: number, [name, text]: readonly [name: string, text: string], headers: Headers = {}): ApiError =>
  new ApiError(status, { detail: text }, { name, headers });

/** The errors of the API itself, with the contract's words (part 1, 1.1 to 1.4). */
export const notAuthenticated = (): ApiError =>
  detail(403, ['notAuthenticated', 'Authentication credentials were not provided.']);
export const permissionDenied = (text = 'You do not have permission to perform this action.'): ApiError =>
  detail(403, ['permissionDenied', text]);
export const tokenInvalid = (): ApiError => detail(403, ['tokenInvalid', 'Token invalid/expired']);
export const unsupportedAuthentication = (): ApiError =>
  detail(403, ['unsupportedAuthentication', 'Unsupported authentication type']);
export const csrfFailed = (reason: string): ApiError => detail(403, ['csrfFailed', `CSRF Failed: ${reason}`]);
export const notFound = (text = 'Not found.'): ApiError => detail(404, ['notFound', text]);
/** In: the model's name, such as `Invitation`. */
export const noMatch = (model: string): ApiError => detail(404, ['noMatch', `No ${model} matches the given query.`]);
export const invalidPage = (): ApiError => detail(404, ['invalidPage', 'Invalid page.']);
export const methodNotAllowed = (method: string, allow: string): ApiError =>
  detail(405, ['methodNotAllowed', `Method "${method}" not allowed.`], { allow });
export const notAcceptable = (): ApiError =>
  detail(406, ['notAcceptable', 'Could not satisfy the request Accept header.']);
export const tooLarge = (): ApiError =>
  detail(413, ['tooLarge', 'The request body is too large.'], { connection: 'close' });
export const unsupportedMediaType = (type: string): ApiError =>
  detail(415, ['unsupportedMediaType', `Unsupported media type "${type}" in request.`]);
/** In: the whole text, beginning with `JSON parse error - `. */
export const parseError = (text: string): ApiError => detail(400, ['parseError', text]);
export const badRequest = (text: string): ApiError => detail(400, ['badRequest', text]);
export const throttled = (seconds: number): ApiError =>
  detail(
    429,
    ['throttled', `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`],
    {
      'retry-after': String(seconds),
    },
  );
export const unavailable = (): ApiError =>
  detail(503, ['unavailable', 'The service is not available at the moment.'], { 'retry-after': '2' });
export const searchTooWide = (): ApiError =>
  detail(
    503,
    [
      'searchTooWide',
      'The search takes too long, because it has to read too much. Search for something longer or rarer, or add a filter.',
    ],
    { 'retry-after': '2' },
  );
export const noRoom = (): ApiError =>
  detail(507, ['noRoom', 'Changes are not possible at the moment: the storage of the server is full.']);

/** Status, body and, if needed, headers of one catalogued error. */
export type ErrorEntry = readonly [status: number, body: Json, headers?: Readonly<Record<string, string>>];

/**
 * A feature's errors: `errors.noFlow()` makes the error to throw; its name in the log is `<feature>.<key>` and never
 * changes.
 */
export function defineErrors<const E extends Readonly<Record<string, ErrorEntry>>>(
  feature: string,
  entries: E,
): { readonly [K in keyof E]: () => ApiError } {
  const made: Record<string, () => ApiError> = {};
  for (const [key, [status, body, headers]] of Object.entries(entries)) {
    made[key] = () => new ApiError(status, body, { name: `${feature}.${key}`, headers: { ...headers } });
  }
  return made as { readonly [K in keyof E]: () => ApiError };
}
