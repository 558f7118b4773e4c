import type { Json } from '../schema/types.ts';

/** What a client is told: a status, the contract's body and, rarely, headers. Anything else thrown becomes a 500. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: Json;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: Json,
    options: { name?: string; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(options.name ?? `HTTP ${status}`, { cause: options.cause });
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
    this.headers = options.headers ?? {};
  }
}

/** One fault of one field: a stable code (`required`, `blank`, `invalid`, …) and the contract's text. */
export type Fault = { readonly code: string; readonly message: string };

/** The faults of a value: its own, or those of its items or keys. */
export type Faults = readonly Fault[] | { readonly [key: string]: Faults };

/** Faults by field; `non_field_errors` for those of the whole. */
export type FieldFaults = { readonly [field: string]: Faults };

/** The texts of faults in the shape of a 400 body. */
export function faultTexts(faults: Faults): Json {
  if (Array.isArray(faults)) return faults.map((fault: Fault) => fault.message);
  return Object.fromEntries(Object.entries(faults).map(([key, inner]) => [key, faultTexts(inner)]));
}

/** A 400 that names fields. Takes texts (`{ name: ['…'] }`) or faults with codes; all bad fields go into one error. */
export class ValidationError extends ApiError {
  readonly faults: FieldFaults;

  constructor(fields: { readonly [field: string]: readonly string[] | Faults }) {
    const faults: Record<string, Faults> = {};
    for (const [field, value] of Object.entries(fields)) faults[field] = toFaults(value);
    super(400, faultTexts(faults), { name: 'validation' });
    this.name = 'ValidationError';
    this.faults = faults;
  }
}

function toFaults(value: readonly string[] | Faults): Faults {
  if (!Array.isArray(value)) return value as Faults;
  return value.map((item: string | Fault) => (typeof item === 'string' ? { code: 'invalid', message: item } : item));
}
