import type { Schema } from './openapi.ts';

interface Deviation {
  readonly component: string;
  readonly property: string;
  readonly schema: (published: Schema) => Schema;
  readonly reason: string;
}

/** Where the behaviour contract knowingly answers something else than schema.yml says. Reviewed by hand; keep it short. */
export const deviations: readonly Deviation[] = [
  {
    component: 'Invitation',
    property: 'flow_obj',
    schema: (published) => ({ ...published, nullable: true }),
    reason: 'contract part 1, 2.2: flow_obj is null when flow is null, although schema.yml says non-nullable',
  },
  ...['PartialUser', 'UserSelf'].map((component) => ({
    component,
    property: 'username',
    schema: ({ pattern: _pattern, ...published }: Schema) => published,
    reason: 'User and UserRequest take any text of 150 characters as a username, these show it with a pattern',
  })),
];

/** The published components with the deviations applied. Throws when a deviation names something that is not there. */
export function withDeviations(schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const changed = { ...schemas };
  for (const { component, property, schema } of deviations) {
    const published = changed[component]?.properties?.[property];
    if (!published) throw new Error(`deviation of ${component}.${property}: not in the published schema`);
    changed[component] = {
      ...changed[component],
      properties: { ...changed[component]?.properties, [property]: schema(published) },
    };
  }
  return changed;
}
