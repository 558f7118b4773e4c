import type { Json, JsonObject } from '../schema/types.ts';
import type {
  Access,
  Compute,
  Documentation,
  Field,
  Fields,
  Include,
  Kind,
  Links,
  NestedSelect,
  OnDelete,
  Shape,
  Source,
  SqlExpression,
} from './field.ts';
import { linksKind, referenceKind } from './kinds/reference.ts';
import { booleanKind, dateKind, dateTimeKind, integerKind, numberKind, uuidKind } from './kinds/scalar.ts';
import type { NumberOptions } from './kinds/scalar.ts';
import { choiceKind, jsonKind, listKind, mapKind, objectKind, shapeKind, unionKind } from './kinds/structured.ts';
import type { ListOptions } from './kinds/structured.ts';
import { emailKind, slugKind, textKind, timedeltaKind, urlKind } from './kinds/text.ts';
import type { TextOptions } from './kinds/text.ts';
import type { Presentable } from './resource.ts';
import type { Union } from './union.ts';

/** What every field may say. A field with a default, nullable or blank is not required unless it says so. */
export type Options = Documentation & {
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly required?: boolean;
  readonly nullable?: boolean;
  readonly blank?: boolean;
  /** The value of an absent key at creation, if the table's own default is not meant. */
  readonly default?: Json;
  /** Puts the default into the document. */
  readonly documentDefault?: boolean;
  /** The column, if it is not named as the key. */
  readonly column?: string;
  /** The text of the 400 for a value that another row has. */
  readonly unique?: string;
  /** Events tell that it changed, and not what it was or is. */
  readonly secret?: boolean;
  /** What the value names came with the row and goes with it. */
  readonly owns?: Presentable;
};

type AccessOf<O> = O extends { readonly readOnly: true }
  ? 'read'
  : O extends { readonly writeOnly: true }
    ? 'write'
    : 'both';

type RequiredOf<O> = O extends { readonly readOnly: true }
  ? false
  : O extends { readonly required: infer R extends boolean }
    ? R
    : O extends { readonly default: Json } | { readonly nullable: true } | { readonly blank: true }
      ? false
      : true;

type Value<T, O> = O extends { readonly nullable: true } ? T | null : T;

type Made<T, O> = Field<Value<T, O>, RequiredOf<O>, AccessOf<O>>;

function isRequired(options: Options): boolean {
  if (options.readOnly === true) return false;
  if (options.required !== undefined) return options.required;
  return options.default === undefined && options.nullable !== true && options.blank !== true;
}

function accessOf(options: Options): Access {
  if (options.readOnly === true) return 'read';
  return options.writeOnly === true ? 'write' : 'both';
}

function make<T, O extends Options>(kind: Kind<T>, source: Source, options: O): Made<T, O> {
  const { title, description, owns } = options;
  const field: Field = {
    kind: kind as Kind,
    source,
    access: accessOf(options),
    required: isRequired(options),
    nullable: options.nullable === true,
    emptyIsNull: kind.name === 'reference' || (options.nullable === true && EMPTY_IS_NULL.has(kind.name)),
    default: options.default,
    documentDefault: options.documentDefault === true,
    unique: options.unique,
    ...(options.secret === true ? { secret: true } : {}),
    ...(owns === undefined ? {} : { owns: () => owns }),
    documentation: { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) },
  };
  // The options decide the literal types as isRequired and accessOf decide the values.
  return field as Made<T, O>;
}

// Kinds for which Django REST Framework reads "" as null where null is allowed.
const EMPTY_IS_NULL = new Set(['boolean']);

function column(options: Options): Source {
  return { from: 'column', column: options.column };
}

/** A column of that kind. */
function plain<T>(kind: Kind<T>) {
  return <const O extends Options = Record<never, never>>(options?: O): Made<T, O> =>
    make(kind, column(options ?? {}), (options ?? {}) as O);
}

function text(kind: (options: TextOptions) => Kind<string>) {
  return <const O extends Options & TextOptions = Record<never, never>>(options?: O): Made<string, O> =>
    make(kind(options ?? {}), column(options ?? {}), (options ?? {}) as O);
}

type Thunk<T> = T | (() => T);

function lazily<T extends object>(value: Thunk<T>): () => T {
  return typeof value === 'function' ? (value as () => T) : () => value;
}

type IntegerOptions = NumberOptions & { readonly limited?: boolean };

/** The kind of a value that the server makes: integers have no column and so no limits. */
function madeKind(kind: Kind): Kind {
  return kind.name === 'integer' ? { ...kind, document: () => ({ type: 'integer' }) } : kind;
}

/** The kinds of fields, from which declarations are made. */
export const f = {
  /** Text: trimmed, not blank unless `blank`, at most `maxLength` code points. */
  string: text(textKind),
  /** Text of many lines: as it is typed, untrimmed. */
  text: text((options) => textKind({ trim: false, ...options })),
  slug: text(slugKind),
  email: text(emailKind),
  url: text(urlKind),
  /** `hours=1;minutes=2`. */
  timedelta: text(timedeltaKind),
  uuid: plain(uuidKind),
  boolean: plain(booleanKind),
  dateTime: plain(dateTimeKind),
  date: plain(dateKind),
  /** A JSON object of any content (D16). */
  object: plain<JsonObject>(objectKind),
  /** Any JSON value. */
  json: plain<Json>(jsonKind),

  /** An int32; `limited: false` keeps the limits out of the document, as upstream does where no model column stands behind. */
  integer<const O extends Options & IntegerOptions = Record<never, never>>(options?: O): Made<number, O> {
    const given: O & IntegerOptions = options ?? ({} as O);
    // A read-only column's limits are no business of clients.
    const documented = given.readOnly !== true && given.limited !== false;
    return make(integerKind({ ...given, documented }), column(given), given);
  },
  number<const O extends Options & NumberOptions = Record<never, never>>(options?: O): Made<number, O> {
    const given: O & NumberOptions = options ?? ({} as O);
    const { minimum, maximum } = given;
    const limits = { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
    return make(numberKind(limits), column(given), given);
  },
  /** One of the texts; `component` names the enum in the document. */
  choice<const V extends readonly string[], const O extends Options = Record<never, never>>(
    component: string,
    values: V,
    options?: O,
  ): Made<V[number], O> {
    return make(choiceKind(component, values), column(options ?? {}), (options ?? {}) as O);
  },
  /** A list in one column: an array of the item's type. */
  list<T, const O extends Options & ListOptions = Record<never, never>>(item: Field<T>, options?: O): Made<T[], O> {
    return make(listKind(item.kind as Kind<T>, options ?? {}), column(options ?? {}), (options ?? {}) as O);
  },
  /** An object with any keys and values of one kind; in shapes. */
  map<T, const O extends Options = Record<never, never>>(item: Field<T>, options?: O): Made<Record<string, T>, O> {
    return make(mapKind(item.kind as Kind<T>), column(options ?? {}), (options ?? {}) as O);
  },
  /** An object of a named shape; in shapes. */
  shape<const O extends Options = Record<never, never>>(
    shape: Thunk<Shape>,
    options?: O,
  ): Made<Record<string, unknown>, O> {
    return make(shapeKind(lazily(shape)), column(options ?? {}), (options ?? {}) as O);
  },
  /** One of several shapes; in shapes. */
  union<const O extends Options = Record<never, never>>(union: Union, options?: O): Made<Json, O> {
    return make(unionKind(union), column(options ?? {}), (options ?? {}) as O);
  },
  /** The primary key of a row of another resource. `onDelete` says what its foreign key does; `used_by` shows it. */
  pk<const O extends Options & { readonly onDelete?: OnDelete } = Record<never, never>>(
    target: Thunk<Presentable>,
    options?: O,
  ): Made<string | number, O> {
    const given: O & { readonly onDelete?: OnDelete } = options ?? ({} as O);
    const source: Source = {
      from: 'reference',
      column: given.column,
      target: lazily(target),
      onDelete: given.onDelete ?? 'cascade',
    };
    return make(referenceKind(lazily(target)), source, given);
  },
  /** Primary keys in a table of links; replaced as a whole by a write. */
  pkList<const O extends Options & Links & { readonly allowEmpty?: boolean }>(
    target: Thunk<Presentable>,
    options: O,
  ): Made<(string | number)[], O> {
    const { table, own, other, position } = options;
    const links: Links = position === undefined ? { table, own, other } : { table, own, other, position };
    const kind = linksKind(lazily(target), options.allowEmpty ?? true);
    return make(kind, { from: 'links', links, target: lazily(target) }, options);
  },
  /**
   * Read-only: the row that a reference points at, whole. `via` names the `pk` field; `column` a column of our own that
   * no field shows (`created_by`), whose `onDelete` then stands here. null when the reference is.
   */
  nested(
    target: Thunk<Presentable>,
    options: Documentation & ({ via: string } | { column: string; onDelete?: OnDelete }) & { nullable?: boolean },
  ): Field<never, false, 'read'> {
    const source: Source = {
      from: 'nested',
      target: lazily(target),
      via: 'via' in options ? options.via : undefined,
      column: 'column' in options ? options.column : undefined,
      onDelete: ('onDelete' in options ? options.onDelete : undefined) ?? 'cascade',
    };
    return make<never, Options & { readOnly: true }>(shapeKind(lazily(target)) as Kind<never>, source, {
      ...options,
      readOnly: true,
    });
  },
  /** Read-only: rows elsewhere that belong to this one. */
  nestedList(
    target: Thunk<Presentable>,
    options: Documentation & NestedSelect & { nullable?: boolean; include?: Include },
  ): Field<never, false, 'read'> {
    const { from, orderBy, include } = options;
    const source: Source = { from: 'nestedList', target: lazily(target), select: { from, orderBy }, include };
    const kind = listKind(shapeKind(lazily(target)), {});
    return make<never, Options & { readOnly: true }>(kind as Kind<never>, source, { ...options, readOnly: true });
  },
  /** Read-only: an SQL expression over the row's alias; `like` gives its kind and schema. */
  sql(
    like: Field,
    expression: SqlExpression,
    options: Documentation & { nullable?: boolean } = {},
  ): Field<never, false, 'read'> {
    return make<never, Options & { readOnly: true }>(
      madeKind(like.kind) as Kind<never>,
      { from: 'sql', sql: expression },
      {
        nullable: like.nullable,
        ...like.documentation,
        ...options,
        readOnly: true,
      },
    );
  },
  /** Read-only: the same text for every row (`component`, `verbose_name`). */
  constant(value: string, options: Documentation = {}): Field<never, false, 'read'> {
    return f.sql(f.string(), () => `'${value.replaceAll("'", "''")}'::text`, options);
  },
  /** Read-only: made in Node from the presented object and the process's constants. */
  computed(
    like: Field,
    compute: Compute,
    options: Documentation & { nullable?: boolean } = {},
  ): Field<never, false, 'read'> {
    return make<never, Options & { readOnly: true }>(
      madeKind(like.kind) as Kind<never>,
      { from: 'computed', compute },
      {
        nullable: like.nullable,
        ...like.documentation,
        ...options,
        readOnly: true,
      },
    );
  },
  /** Write-only and without a column: for the hooks (`password`). */
  input<T, R extends boolean>(like: Field<T, R>): Field<T, R, 'write'> {
    return { ...like, source: { from: 'input' }, access: 'write' };
  },
};

/** Declares a named object shape: a body, an answer, a challenge. */
export function defineShape<const F extends Fields>(
  name: string,
  fields: F,
  options: { description?: string; open?: boolean } = {},
): Shape<F> {
  return { name, description: options.description ?? '', fields, open: options.open === true };
}
