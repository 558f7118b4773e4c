import type { Kind, Target } from './field.ts';
import { ALIAS } from './model.ts';
import type { Model } from './model.ts';
import { fieldsOf, aliasOf, columnNameOf, rowsOf } from './show-sql.ts';
import { columnOf } from './sql-text.ts';

/** A value reached from a row: its kind, and SQL for a condition on it or its value. */
export type Path = {
  readonly kind: Kind;
  /** A condition over the row's alias, from a condition over the value's expression. */
  where(alias: string, condition: (expression: string) => string): string;
  /** The value as an expression, for ordering. */
  value(alias: string): string;
  /** Set for link fields: several values may be asked for. */
  readonly multiple: boolean;
  /** The column of the row that has the value. */
  readonly column?: string;
  /** Set for a value of a row that this one refers to. */
  readonly reference?: Reference;
};

/** How a row refers to others. */
export type Reference = {
  readonly column: string;
  /** The column as SQL, over alias t. */
  readonly at: string;
  readonly keyType: string;
  /** SQL of the keys of the rows for which a condition over the value's expression holds. */
  keys(condition: (expression: string) => string): string;
};

/** Resolves `name`, a column's name such as `stage_uuid`, or a path such as `flow__slug`; undefined if there is none. */
export function findPath(model: Model, name: string): Path | undefined {
  return own(model, name) ?? nested(model, name);
}

/** As {@link findPath}; throws for a declaration that names what does not exist. */
export function getPath(model: Model, name: string): Path {
  const path = findPath(model, name);
  if (!path) throw new Error(`${model.resource.name}: no field or path ${name}.`);
  return path;
}

function own(model: Model, name: string): Path | undefined {
  const { resource, fields } = model;
  for (const [key, field] of Object.entries(fields)) {
    const column = columnNameOf(key, field);
    if (key !== name && column !== name) continue;
    if (column !== undefined) {
      const expression = (alias: string): string => columnOf(aliasOf(resource, key, alias), column);
      return { ...direct(field.kind, expression), column };
    }
    if (field.source.from === 'links') return links(model, field.source.links, field.source.target);
    if (field.source.from === 'nested') return ofNested(model, key);
    if (field.source.from === 'sql') {
      const { sql } = field.source;
      return direct(field.kind, (alias) => `(${sql(aliasOf(resource, key, alias), model.registry)})`);
    }
  }
  return undefined;
}

function direct(kind: Kind, expression: (alias: string) => string): Path {
  return { kind, multiple: false, where: (alias, condition) => condition(expression(alias)), value: expression };
}

/** Ordering by a nested object is ordering by the key it is found with. */
function ofNested(model: Model, key: string): Path | undefined {
  const source = model.fields[key]?.source;
  if (source?.from !== 'nested') return undefined;
  if (source.via !== undefined) return own(model, source.via);
  const column = source.column ?? key;
  const kind = keyOf(source.target, model);
  return kind && { ...direct(kind, (alias) => columnOf(aliasOf(model.resource, key, alias), column)), column };
}

function keyOf(target: Target, model: Model): Kind | undefined {
  const presentable = target();
  for (const [key, field] of Object.entries(fieldsOf(presentable, model.registry))) {
    if (columnNameOf(key, field) === presentable.key) return field.kind;
  }
  return undefined;
}

function links(
  model: Model,
  { table, own: ownColumn, other }: { table: string; own: string; other: string },
  target: Target,
): Path | undefined {
  const kind = keyOf(target, model);
  if (!kind) return undefined;
  const key = model.resource.key;
  return {
    kind,
    multiple: true,
    where: (alias, condition) =>
      `exists (select 1 from ${table} l where ${columnOf('l', ownColumn)} = ${columnOf(alias, key)} and ${condition(columnOf('l', other))})`,
    value: (alias) =>
      `(select min(${columnOf('l', other)}::text) from ${table} l where ${columnOf('l', ownColumn)} = ${columnOf(alias, key)})`,
  };
}

function nested(model: Model, name: string): Path | undefined {
  const at = name.indexOf('__');
  if (at < 0) return undefined;
  const head = name.slice(0, at);
  const source = model.fields[head]?.source;
  const reference =
    source && 'target' in source && source.from !== 'links' && source.from !== 'nestedList'
      ? ofReference(model, head)
      : undefined;
  if (!source || !reference || !('target' in source)) return undefined;
  return through({ model, reference, target: source.target }, name.slice(at + 2));
}

function ofReference(model: Model, key: string): Path | undefined {
  return model.fields[key]?.source.from === 'nested' ? ofNested(model, key) : own(model, key);
}

type Step = { readonly model: Model; readonly reference: Path; readonly target: Target };

function through({ model, reference, target }: Step, field: string): Path | undefined {
  const presentable = target();
  const fields = fieldsOf(presentable, model.registry);
  const found = fields[field];
  const column = found && columnNameOf(field, found);
  if (!found || column === undefined) return undefined;
  const expression = columnOf(aliasOf(presentable, field, 'y'), column);
  const rows = rowsOf(presentable, 'y');
  const key = columnOf('y', presentable.key);
  const keys = (condition: (text: string) => string): string =>
    `select ${key} from ${rows} where ${condition(expression)}`;
  return {
    kind: found.kind,
    multiple: false,
    ...(reference.column === undefined
      ? {}
      : {
          reference: {
            column: reference.column,
            at: reference.value(ALIAS),
            keyType: reference.kind.sqlType,
            keys,
          },
        }),
    where: (alias, condition) => `${reference.value(alias)} in (${keys(condition)})`,
    value: (alias) => `(select ${expression} from ${rows} where ${key} = ${reference.value(alias)})`,
  };
}
