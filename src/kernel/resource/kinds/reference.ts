import type { Json } from '../../schema/types.ts';
import { bad } from '../field.ts';
import type { Checked, Kind, SchemaObject, Target } from '../field.ts';
import { messages, asSent, typeName } from '../messages.ts';
import type { Presentable } from '../resource.ts';
import { integerKind, toInteger, toUuid } from './scalar.ts';

/** The kind of a target's primary key: of the field that shows the key's column. */
export function keyKind(target: Presentable): Kind {
  for (const [name, field] of Object.entries(target.fields)) {
    if (field.source.from === 'column' && (field.source.column ?? name) === target.key) return field.kind;
  }
  throw new Error(`${target.name} has no field for its key ${target.key}.`);
}

function checkUuid(value: Json): Checked<string> {
  const type = typeName(value);
  if (type === 'bool' || type === 'list' || type === 'dict') return bad('incorrect_type', messages.pkType(type));
  const uuid = toUuid(value);
  return uuid === undefined ? bad('invalid', messages.notUuidPk(asSent(value))) : { value: uuid };
}

function checkInteger(value: Json): Checked<number> {
  const integer = toInteger(value);
  if (integer === undefined) return bad('incorrect_type', messages.pkType(typeName(value)));
  // Beyond the column's range there is no such row, and PostgreSQL would not even compare.
  const inRange = 'value' in integerKind({}).check(integer);
  return inRange ? { value: integer } : bad('does_not_exist', messages.pkUnknown(asSent(value)));
}

/** The primary key of a row elsewhere. Whether the row exists is not known here; see check-references.ts. */
export function referenceKind(target: Target): Kind<string | number> {
  return {
    name: 'reference',
    get sqlType() {
      return keyKind(target()).sqlType;
    },
    check: (value) => (keyKind(target()).name === 'uuid' ? checkUuid(value) : checkInteger(value)),
    encode: (value) => value,
    show: (expression) => expression,
    present: (value) => value as Json | undefined,
    document(): SchemaObject {
      if (keyKind(target()).name === 'uuid') return { type: 'string', format: 'uuid' };
      return { type: 'integer' };
    },
  };
}

/** A list of primary keys, kept in a table of its own. The first bad one is reported, as upstream does. */
export function linksKind(target: Target, allowEmpty: boolean): Kind<(string | number)[]> {
  const item = referenceKind(target);
  return {
    name: 'links',
    sqlType: 'none',
    check(value) {
      if (!Array.isArray(value)) return bad('not_a_list', messages.notList(typeName(value)));
      if (!allowEmpty && value.length === 0) return bad('empty', messages.emptyList);
      const keys: (string | number)[] = [];
      for (const one of value) {
        const checked = one === null ? bad('incorrect_type', messages.pkType('NoneType')) : item.check(one);
        if ('faults' in checked) return checked;
        if (!keys.includes(checked.value)) keys.push(checked.value);
      }
      return { value: keys };
    },
    encode: (value) => value.map(String),
    show: (expression) => expression,
    present: (value) => value as Json | undefined,
    document: (side, sink) => ({ type: 'array', items: item.document(side, sink) }),
  };
}
