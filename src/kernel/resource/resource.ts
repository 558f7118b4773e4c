import type { RequestContext } from '../context.ts';
import type { Parameter, Queryable, Transaction } from '../db/types.ts';
import { extensionPoint } from '../feature.ts';
import type { Candidates } from './candidates.ts';
import type { Base, Field, Fields, InputOf, Kind, Presentable } from './field.ts';

export type { Base, Presentable } from './field.ts';

export type OperationName = 'list' | 'create' | 'retrieve' | 'update' | 'partial_update' | 'destroy' | 'used_by';

/** A row as PostgreSQL gave it: column names, of the base table too. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * A list filter. A text names a field (`name`), a field of a referenced row (`flow__slug`) or a column of the row
 * (`stage_uuid`), optionally with `__gt`, `__lt`, `__gte`, `__lte` or `__isnull`; filters on link fields take several
 * values.
 */
export type Filter =
  | string
  | {
      readonly name: string;
      readonly kind: Kind;
      /** Repeated in the query string; the parameter is an array. */
      readonly multiple?: boolean;
      readonly description?: string;
      /** The column that it asks to equal its value, or one of its values. */
      readonly equals?: string;
      /** A condition over the row's alias and the SQL text of the value; the query is there for flags beside it. */
      readonly sql: (alias: string, value: string, query: URLSearchParams) => string;
    };

/**
 * Rows that the database counts as they change (decisions 0055 and 0080). Where a list has no filter, or filters that equal
 * counted columns or fields of the rows that they refer to, its exact count costs the same at any size.
 */
export type Counted = CountedApart | CountedTogether;

/** A counter for all rows, and for those of each value (`count_rows` in a migration). */
export type CountedApart = {
  /** Columns, and pairs of columns, by whose values rows are counted, too. */
  readonly by: readonly (string | readonly [string, string])[];
  /**
   * Columns of very many values, and those that they may be combined with, in the order of `count_rows`: a value, or a
   * combination, gets a counter when somebody asks for it and very many rows have it (decision 0090).
   */
  readonly heavy?: readonly string[];
  /**
   * SQL over the row's alias of the counted rows that are not visible all the same: few, and found by an index. A change
   * that comes with time cannot be counted by a trigger.
   */
  readonly except?: (alias: string) => string;
};

/**
 * One counter for each combination of values (`count_rows_together`): a row costs one difference, and any of the columns
 * may be asked for. For columns of few values: what is asked for is added up.
 */
export type CountedTogether = {
  readonly together: readonly string[];
  readonly heavy?: undefined;
  readonly except?: undefined;
};

export type Change<F extends Fields> = {
  readonly tx: Transaction;
  readonly ctx: RequestContext;
  readonly input: Partial<InputOf<F>>;
  /** Absent at creation. */
  readonly before: Row | undefined;
  /** Absent at deletion. */
  readonly after: Row | undefined;
};

export type Validation = {
  readonly ctx: RequestContext;
  readonly db: Queryable;
  /** The row as it is; absent at creation. */
  readonly existing: Row | undefined;
};

export type Checks = Readonly<Record<string, { readonly field: string; readonly message: string }>>;

export type Declaration<B extends Fields, F extends Fields> = {
  /** The component's name: Invitation, InvitationRequest, PatchedInvitationRequest, PaginatedInvitationList. */
  readonly name: string;
  /** As in "A UUID string identifying this Invitation Stage."; made from the name if absent. */
  readonly label?: string;
  readonly description?: string;
  /** `app_label.model`; the permissions are `app_label.view_model`, `add_`, `change_`, `delete_`. */
  readonly model: string;
  /** Below `/api/v3`, with a slash at both ends. */
  readonly path: string;
  readonly table: string;
  /** The column of the primary key; also the name of the path parameter, unless `lookup` is given. */
  readonly key: string;
  /** The field by which detail URLs go, if it is not the key (flows: `slug`). */
  readonly lookup?: string;
  readonly base?: Omit<Base, 'fields'> & { readonly fields: B };
  readonly fields: F;
  readonly except?: readonly OperationName[];
  readonly filters?: readonly Filter[];
  /** Fields or paths (`flow__slug`); each word must be in at least one. */
  readonly search?: readonly string[];
  /**
   * The trigram indices (`index_search` in a migration) of fields that are slugs and searched, by field. With one a word
   * of two signs is found, too, of which trigrams know nothing.
   */
  readonly searchIndices?: Readonly<Record<string, string>>;
  /** Where a search has to look, for a search that has an index of its own. */
  readonly candidates?: Candidates;
  /** Keeps the list's count without counting; see {@link Counted}. */
  readonly counted?: Counted;
  /** The default order: fields or paths, `-` for descending. The key is always the last criterion. */
  readonly ordering?: readonly string[];
  /** What `?ordering=` may name; by default every field with a column. */
  readonly orderable?: readonly string[];
  /** SQL over the row's alias: rows for which it is false do not exist for the API. */
  readonly visible?: (alias: string) => string;
  /** Columns that must be unique together, as fields: the contract's `non_field_errors`. */
  readonly uniqueTogether?: readonly (readonly string[])[];
  /** What else the database refuses, by the name of the check: the field and the text of the 400. */
  readonly checks?: Checks;
  /** SQL of the text form (`used_by`); by default the name. */
  readonly text?: (alias: string) => string;
  /** Columns set at creation and not by the client (`created_by`). */
  readonly defaults?: (ctx: RequestContext) => Readonly<Record<string, Parameter>>;
  /** Throws ValidationError; runs when every field is good. With it writes run in a transaction. */
  readonly validate?: (input: Partial<InputOf<B & F>>, validation: Validation) => void | Promise<void>;
  /** Side effects in the transaction of the change. */
  readonly onCreate?: (change: Change<B & F>) => Promise<void>;
  readonly onUpdate?: (change: Change<B & F>) => Promise<void>;
  readonly onDelete?: (change: Change<B & F>) => Promise<void>;
};

/** A declared model, erased. */
export type Resource = Presentable & {
  readonly label: string;
  readonly path: string;
  readonly lookup: string | undefined;
  readonly except: readonly OperationName[];
  readonly filters: readonly Filter[];
  readonly search: readonly string[];
  readonly searchIndices: Readonly<Record<string, string>>;
  readonly candidates: Candidates | undefined;
  readonly counted: Counted | undefined;
  readonly ordering: readonly string[];
  readonly orderable: readonly string[] | undefined;
  readonly visible: ((alias: string) => string) | undefined;
  readonly uniqueTogether: readonly (readonly string[])[];
  readonly checks: Checks;
  readonly text: (alias: string) => string;
  readonly defaults: (ctx: RequestContext) => Readonly<Record<string, Parameter>>;
  readonly validate: ((input: Record<string, unknown>, validation: Validation) => void | Promise<void>) | undefined;
  readonly onCreate: ((change: Change<Fields>) => Promise<void>) | undefined;
  readonly onUpdate: ((change: Change<Fields>) => Promise<void>) | undefined;
  readonly onDelete: ((change: Change<Fields>) => Promise<void>) | undefined;
};

/** Declares a model; see {@link Declaration}. Listed under a feature's `provides` as `resource(Invitation)`. */
export function defineResource<const B extends Fields = Record<never, Field>, const F extends Fields = Fields>(
  declaration: Declaration<B, F>,
): Resource {
  const { base, fields } = declaration;
  const all = base ? { ...base.fields, ...fields } : fields;
  const text =
    'name' in all ? (alias: string) => `${base && 'name' in base.fields ? `${alias}_b` : alias}.name` : undefined;
  // Erased here: hooks are called with input that was checked against exactly these fields.
  return {
    ...declaration,
    label: declaration.label ?? declaration.name.replace(/(?<=[a-z])(?=[A-Z])/g, ' '),
    description: declaration.description ?? `${declaration.name} Serializer`,
    base,
    fields: all,
    lookup: declaration.lookup,
    except: declaration.except ?? [],
    filters: declaration.filters ?? [],
    search: declaration.search ?? [],
    searchIndices: declaration.searchIndices ?? {},
    candidates: declaration.candidates,
    counted: declaration.counted,
    ordering: declaration.ordering ?? [],
    orderable: declaration.orderable,
    visible: declaration.visible,
    uniqueTogether: declaration.uniqueTogether ?? [],
    checks: declaration.checks ?? {},
    text: declaration.text ?? text ?? ((alias) => `${alias}.${declaration.key}::text`),
    defaults: declaration.defaults ?? (() => ({})),
    validate: declaration.validate as Resource['validate'],
    onCreate: declaration.onCreate as Resource['onCreate'],
    onUpdate: declaration.onUpdate as Resource['onUpdate'],
    onDelete: declaration.onDelete as Resource['onDelete'],
  };
}

/** Another face of a resource's rows: fewer fields under another component name (PartialUser, FlowSet). */
export function defineView(of: Presentable, view: { name: string; description?: string; fields: Fields }): Presentable {
  const { model, table, key, base } = of;
  return { model, table, key, base, name: view.name, description: view.description ?? '', fields: view.fields };
}

/** The point through which features bring their resources. */
export const resource = extensionPoint<Resource>('resource', (value) => value.name);

/** Fields that a later module adds to an earlier declaration (groups to users), placed after the field named. */
export type ResourceExtension = {
  readonly name: string;
  readonly of: Presentable;
  readonly after: string;
  readonly fields: Fields;
};

export const resourceFields = extensionPoint<ResourceExtension>('resource-fields', (value) => value.name);
