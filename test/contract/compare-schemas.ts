import { componentName } from './openapi.ts';
import type { Schema } from './openapi.ts';

/** Notes a difference where the two values are not equal. */
export type Compare = (place: Place, ours: unknown, theirs: unknown) => void;

/** A place in an operation, or in a component (operation `components`). */
export interface Place {
  readonly operation: string;
  readonly path: string;
}

/** A place further in. */
export function within({ operation, path }: Place, part: string): Place {
  return { operation, path: `${path}/${part}` };
}

/** Compares two schemas that stand at a place, through all references; a component is compared only once. */
export type SchemaComparer = (place: Place, ours: Schema, theirs: Schema) => void;

type Schemas = Readonly<Record<string, Schema>>;

const facts = [
  'type',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'default',
] as const satisfies readonly (keyof Schema)[];
const flags = ['nullable', 'readOnly', 'writeOnly', 'deprecated'] as const satisfies readonly (keyof Schema)[];

/** Makes a comparer over the components of two documents. */
export function schemaComparer(ours: Schemas, theirs: Schemas, compare: Compare): SchemaComparer {
  const compared = new Set<string>();

  function compareAt(place: Place, our: Schema, their: Schema): void {
    const at = (part: string, mine: unknown, other: unknown): void => compare(within(place, part), mine, other);
    for (const flag of flags) at(flag, our[flag] ?? false, their[flag] ?? false);
    const ourName = referenceOf(our);
    const theirName = referenceOf(their);
    // One is a component and the other is written in place: what they say cannot be set side by side.
    if ((ourName === undefined) !== (theirName === undefined)) return at('component', ourName, theirName);
    for (const fact of facts) at(fact, our[fact], their[fact]);
    at('enum', our.enum, their.enum);
    if (ourName !== undefined && theirName !== undefined) compareComponents(place, ourName, theirName);
    else compareParts(place, our, their);
  }

  function compareComponents(place: Place, ourName: string, theirName: string): void {
    // Both exist on our side: this place refers to the wrong one. Otherwise ours bears another name.
    const misplaced = ourName !== theirName && ours[theirName] !== undefined;
    if (misplaced) return compare(within(place, 'component'), ourName, theirName);
    const pair = `${ourName} ${theirName}`;
    if (compared.has(pair)) return;
    compared.add(pair);
    compare({ operation: 'components', path: `/${theirName}/name` }, ourName, theirName);
    const [our, their] = [ours[ourName], theirs[theirName]];
    if (!our || !their) throw new Error(`no such component: ${our ? theirName : ourName}`);
    compareAt({ operation: 'components', path: `/${theirName}` }, our, their);
  }

  function compareParts(place: Place, our: Schema, their: Schema): void {
    compareProperties(place, our, their);
    compareUnions(place, our, their);
    comparePair(within(place, 'items'), our.items, their.items);
    comparePair(within(place, 'additionalProperties'), freeKeys(our), freeKeys(their));
  }

  function comparePair(place: Place, our: Schema | undefined, their: Schema | undefined): void {
    if (our && their) compareAt(place, our, their);
    else compare(place, our && 'present', their && 'present');
  }

  function compareProperties(place: Place, our: Schema, their: Schema): void {
    const names = new Set([...Object.keys(our.properties ?? {}), ...Object.keys(their.properties ?? {})]);
    for (const name of names) {
      const here = within(place, `properties/${name}`);
      const [mine, other] = [our.properties?.[name], their.properties?.[name]];
      comparePair(here, mine, other);
      if (mine && other) compare(within(here, 'required'), isRequired(our, name), isRequired(their, name));
    }
  }

  function compareUnions(place: Place, our: Schema, their: Schema): void {
    compare(within(place, 'discriminator'), our.discriminator?.propertyName, their.discriminator?.propertyName);
    const [mine, other] = [branchesOf(our), branchesOf(their)];
    for (const key of new Set([...mine.keys(), ...other.keys()])) {
      const here = within(place, `oneOf/${key}`);
      const [ourBranch, theirBranch] = [mine.get(key), other.get(key)];
      if (ourBranch && theirBranch) compareComponents(here, ourBranch, theirBranch);
      else compare(here, ourBranch, theirBranch);
    }
  }

  return compareAt;
}

/** The component that a schema is: a reference, or an `allOf` that only hangs facts on one. Throws on any other `allOf`. */
function referenceOf(schema: Schema): string | undefined {
  if (schema.$ref) return componentName(schema.$ref);
  if (!schema.allOf) return undefined;
  const [only, ...more] = schema.allOf;
  if (!only?.$ref || more.length > 0) throw new Error('allOf of anything but one reference is not covered');
  return componentName(only.$ref);
}

/** Branches of a union: value of the discriminator to component. A branch without a value goes by its own name. */
function branchesOf({ oneOf, discriminator }: Schema): Map<string, string> {
  const mapping = Object.entries(discriminator?.mapping ?? {});
  const branches = new Map(mapping.map(([key, ref]) => [key, componentName(ref)]));
  const mapped = new Set(branches.values());
  for (const branch of oneOf ?? []) {
    const name = referenceOf(branch);
    if (name === undefined) throw new Error('oneOf of anything but references is not covered');
    if (!mapped.has(name)) branches.set(name, name);
  }
  return branches;
}

const isRequired = (schema: Schema, name: string): boolean => schema.required?.includes(name) ?? false;

/** `true` and `{}` mean the same: any value under any key. */
function freeKeys({ additionalProperties }: Schema): Schema | undefined {
  if (additionalProperties === undefined || additionalProperties === false) return undefined;
  return additionalProperties === true ? {} : additionalProperties;
}
