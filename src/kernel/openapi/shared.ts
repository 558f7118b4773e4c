import type { SchemaObject } from '../resource/field.ts';
import { defineShape, f } from '../resource/fields.ts';

const numbers = ['next', 'previous', 'count', 'current', 'total_pages', 'start_index', 'end_index'];

export const pagination: SchemaObject = {
  type: 'object',
  properties: Object.fromEntries(numbers.map((name) => [name, { type: 'number' }])),
  required: numbers.toSorted(),
};

export const autocomplete: SchemaObject = { type: 'object', additionalProperties: {} };

export const validationError: SchemaObject = {
  type: 'object',
  description: 'Validation Error',
  properties: { non_field_errors: { type: 'array', items: { type: 'string' } }, code: { type: 'string' } },
  additionalProperties: {},
};

export const genericError: SchemaObject = {
  type: 'object',
  description: 'Generic API Error',
  properties: { detail: { type: 'string' }, code: { type: 'string' } },
  required: ['detail'],
};

const actions = ['cascade', 'cascade_many', 'set_null', 'set_default', 'left_dangling'] as const;

/** What refers to an object, and what becomes of it when the object goes (contract 2.7). */
export const UsedBy = defineShape(
  'UsedBy',
  {
    app: f.string(),
    model_name: f.string(),
    pk: f.string(),
    name: f.string(),
    action: f.choice('UsedByActionEnum', actions),
  },
  { description: 'A list of all objects referencing the queried object' },
);

/** One of a list of kinds that something can have. */
export const TypeCreate = defineShape(
  'TypeCreate',
  {
    name: f.string(),
    description: f.string(),
    component: f.string(),
    model_name: f.string(),
    icon_url: f.string({ required: false }),
    requires_enterprise: f.boolean({ default: false, documentDefault: true }),
    deprecated: f.boolean({ default: false, documentDefault: true }),
  },
  { description: 'Types of an object that can be created' },
);

const response = (name: string): SchemaObject => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  description: '',
});

export const responses: SchemaObject = {
  GenericErrorResponse: response('GenericError'),
  ValidationErrorResponse: response('ValidationError'),
};

const query = (name: string, type: string, description?: string): SchemaObject => ({
  in: 'query',
  name,
  schema: { type },
  ...(description === undefined ? {} : { description }),
});

/** The parameters that upstream shares, by component name. */
export const parameters = {
  QueryName: query('name', 'string'),
  QueryPaginationOrdering: query('ordering', 'string', 'Which field to use when ordering the results.'),
  QueryPaginationPage: query('page', 'integer', 'A page number within the paginated result set.'),
  QueryPaginationPageSize: query('page_size', 'integer', 'Number of results to return per page.'),
  QuerySearch: query('search', 'string', 'A search term.'),
} as const satisfies Record<string, SchemaObject>;
