import type { RequestContext } from '../context.ts';
import type { Parameter } from '../db/types.ts';
import type { Parameters } from './parameters.ts';
import type { Reference } from './paths.ts';

/** A condition over the row's alias, and where it asks for the values of one column, which. */
export type Condition = {
  readonly sql: string;
  readonly equals?: {
    readonly column: string;
    /** SQL of the texts of those values, a `text[]`. */
    readonly texts: string;
  };
};

/** A condition on the rows that a column refers to: over the value's expression and the place of the parameter. */
export type Asked = {
  readonly value: Parameter;
  readonly sqlType: string;
  readonly condition: (expression: string, place: string) => string;
};

/** Of so many rows that are referred to the keys are named. */
const NAMED = 1000;

/**
 * The condition that a row refers to one of the rows asked for. Those are looked up first, and their keys named: only then
 * can the planner know how many rows there are to each, and read the index that suits. Where they are very many the
 * condition looks for them itself.
 */
export async function referring(
  { db }: Pick<RequestContext, 'db'>,
  { reference, parameters }: { readonly reference: Reference; readonly parameters: Parameters },
  { value, sqlType, condition }: Asked,
): Promise<Condition> {
  const found = reference.keys((expression) => condition(expression, `$1::${sqlType}`));
  const rows = await db.query<{ key: string | number }>(`select k.k as key from (${found}) k(k) limit ${NAMED + 1}`, [
    value,
  ]);
  const { column, at, keyType } = reference;
  const [first] = rows;
  if (first === undefined) return { sql: 'false', equals: { column, texts: `'{}'::text[]` } };
  if (rows.length > NAMED) {
    const place = parameters.add(value, sqlType);
    return { sql: `${at} in (${reference.keys((expression) => condition(expression, place))})` };
  }
  if (rows.length === 1) {
    const place = parameters.add(first.key, keyType);
    return { sql: `${at} = ${place}`, equals: { column, texts: `array[(${place})::text]` } };
  }
  const places = parameters.add(
    rows.map(({ key }) => String(key)),
    `${keyType}[]`,
  );
  return { sql: `${at} = any(${places})`, equals: { column, texts: `(${places})::text[]` } };
}
