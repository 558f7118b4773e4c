import type { Actor } from '../authz/actor.ts';
import type { Parameter } from '../db/types.ts';
import type { Fault, Faults } from '../errors/api-error.ts';
import type { Registry } from '../feature.ts';
import type { Json } from '../schema/types.ts';
import type { Config } from '../config/config.ts';

/** A schema object of OpenAPI 3.0.3. */
export type SchemaObject = { readonly [key: string]: Json };

/** The outcome of checking one value. */
export type Checked<T> = { readonly value: T } | { readonly faults: Faults };

/** The outcome of a value that is refused for one reason. */
export function bad(code: string, message: string): { faults: readonly Fault[] } {
  return { faults: [{ code, message }] };
}

/** Which side of the wire a schema object is for. */
export type Side = 'response' | 'request';

/** What OpenAPI components a schema object refers to; called while a document is built. */
export type ComponentSink = {
  refer(name: string, make: () => SchemaObject): SchemaObject;
  shape(shape: Shape, side: Side): SchemaObject;
  union(union: Union, side: Side): SchemaObject;
};

/**
 * A kind of value: how it is checked, stored, shown and documented. `check` gets anything but null and absence, which
 * are the field's matter.
 */
export type Kind<T = unknown> = {
  readonly name: string;
  /** The PostgreSQL type of a parameter, such as `uuid`. */
  readonly sqlType: string;
  check(value: Json): Checked<T>;
  encode(value: T): Parameter;
  /** SQL that turns a column into its wire form. */
  show(expression: string): string;
  /** Cuts a value made in Node down to what is declared; scalars pass. */
  present(value: unknown): Json | undefined;
  document(side: Side, sink: ComponentSink): SchemaObject;
};

/** When the row that is pointed at goes: Vestibule's foreign keys do the same. */
export type OnDelete = 'cascade' | 'set_null' | 'set_default' | 'left_dangling' | 'restrict';

/** Where a field's value comes from. */
export type Source =
  | { readonly from: 'column'; readonly column: string | undefined }
  | {
      readonly from: 'reference';
      readonly column: string | undefined;
      readonly target: Target;
      readonly onDelete: OnDelete;
    }
  | { readonly from: 'links'; readonly links: Links; readonly target: Target }
  | {
      readonly from: 'nested';
      readonly via: string | undefined;
      readonly column: string | undefined;
      readonly target: Target;
      readonly onDelete: OnDelete;
    }
  | {
      readonly from: 'nestedList';
      readonly target: Target;
      readonly select: NestedSelect;
      readonly include: Include | undefined;
    }
  | { readonly from: 'sql'; readonly sql: SqlExpression }
  | { readonly from: 'computed'; readonly compute: Compute }
  | { readonly from: 'input' };

export type Target = () => Presentable;

/** SQL text over the row's table alias. The registry is there for lists that features close (stage types). */
export type SqlExpression = (alias: string, registry: Registry) => string;

/** A many-to-many table: `own` points at this row, `other` at the target; `position` keeps the order given. */
export type Links = {
  readonly table: string;
  readonly own: string;
  readonly other: string;
  readonly position?: string;
};

/**
 * The rows of a nested list. `from` gets this row's alias, the item's alias and `rows`, the target's tables under that
 * alias; it gives `from ${rows} join … where …`. `orderBy` is over the item's alias.
 */
export type NestedSelect = { from(alias: string, item: string, rows: string): string; orderBy(item: string): string };

/**
 * A query parameter that switches a nested list off (the list is null then), such as `include_users`; of the list and,
 * unless `detail` is false, of the object.
 */
export type Include = { readonly parameter: string; readonly default: boolean; readonly detail?: boolean };

/** Makes a value from the presented object (declared fields only) and what the process knows. */
export type Compute = (presented: Readonly<Record<string, Json>>, constants: Constants) => Json;

/** What computed fields may know besides the row: who looks at it, where somebody does. */
export type Constants = { readonly config: Config; readonly actor?: Actor | undefined };

export type Access = 'both' | 'read' | 'write';

export type Documentation = { readonly title?: string; readonly description?: string };

/** One field of a resource or shape. `T` is the type of a checked input value. */
export type Field<T = unknown, Required extends boolean = boolean, A extends Access = Access> = {
  readonly kind: Kind;
  readonly source: Source;
  readonly access: A;
  readonly required: Required;
  readonly nullable: boolean;
  /** `""` stands for null (references) or is let through (text); see the kind. */
  readonly emptyIsNull: boolean;
  /** The value of an absent key at creation. */
  readonly default: Json | undefined;
  /** Whether the default stands in the OpenAPI document (a serializer's default upstream, not a model's). */
  readonly documentDefault: boolean;
  /** The text of the 400 when another row has the value. */
  readonly unique: string | undefined;
  /** Its values appear in no event. */
  readonly secret?: boolean;
  /** It names a row of this target that came with its own and goes with it. */
  readonly owns?: Target;
  readonly documentation: Documentation;
  /** Only a type; never set. */
  readonly valueType?: T;
};

export type Fields = { readonly [key: string]: Field };

/** A named object shape: the body or answer of an endpoint, a challenge, a nested object. */
export type Shape<F extends Fields = Fields> = {
  readonly name: string;
  readonly description: string;
  readonly fields: F;
  /** Takes any further keys (prompt answers); they are not checked. */
  readonly open?: boolean;
};

type RequiredKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<unknown, true, 'both' | 'write'> ? K : never;
}[keyof F];

type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<unknown, false, 'both' | 'write'> ? K : never;
}[keyof F];

type ValueOf<X> = X extends Field<infer T, boolean, Access> ? T : never;

/** The type of a checked body. */
export type InputOf<F extends Fields> = { [K in RequiredKeys<F>]: ValueOf<F[K]> } & {
  [K in OptionalKeys<F>]?: ValueOf<F[K]>;
};

/** Something with rows that can be shown: a resource, or a view of one under another name (PartialUser of User). */
export type Presentable = Shape & {
  /** `app_label.model` of the rows. */
  readonly model: string;
  readonly table: string;
  /** The column of the primary key. */
  readonly key: string;
  readonly base: Base | undefined;
};

/** A table that several resources share (all stages): joined by key, written together, deleted through. */
export type Base = {
  readonly table: string;
  readonly key: string;
  /** The column that says which resource a row belongs to, and this one's value. */
  readonly type?: { readonly column: string; readonly value: string };
  /** Fields of the base; on the wire they stand before the resource's own. */
  readonly fields: Fields;
};

/**
 * One of several shapes, told apart by `discriminator` (challenges by `component`). The variants come from what is
 * registered, so nobody keeps a list.
 */
export type Union = {
  readonly name: string;
  readonly discriminator: string;
  /** Discriminator value to shape. */
  readonly variants: (registry: Registry) => Readonly<Record<string, Shape>>;
};
