/**
 * The contract a feature fulfils. A feature is a folder with a `feature.ts` whose default export is
 * `defineFeature({...})`; nothing outside lists it. What it brings are contributions to extension points; a point is
 * declared by whoever consumes it (`resource` by kernel/resource, `stage` by core/flows, …), so neither the kernel nor
 * the engine has a closed list of kinds.
 */
export type Contribution = { readonly point: string; readonly name: string; readonly value: unknown };

export type ExtensionPoint<T> = {
  readonly point: string;
  /** Makes the contribution that a feature lists under `provides`. */
  (value: T): Contribution;
};

/**
 * Declares an extension point.
 * @param point the kind's name, such as `stage`
 * @param nameOf the contribution's name; two contributions of one kind and name stop the boot
 */
export function extensionPoint<T>(point: string, nameOf: (value: T) => string): ExtensionPoint<T> {
  return Object.assign((value: T): Contribution => ({ point, name: nameOf(value), value }), { point });
}

export type Feature = {
  /** The folder below `src/core` or `src/features`, such as `stages/invitation`. */
  readonly name: string;
  readonly provides: readonly Contribution[];
};

/** Names a feature and what it brings; see {@link Feature}. */
export function defineFeature(feature: Feature): Feature {
  return feature;
}

/** Everything that was discovered, by extension point. */
export type Registry = {
  readonly features: readonly (Feature & { readonly directory: string })[];
  /** All contributions to a point, in the order of discovery (core's order first, then features by name). */
  all<T>(point: ExtensionPoint<T>): readonly T[];
  /** The contribution of that name, or undefined. */
  find<T>(point: ExtensionPoint<T>, name: string): T | undefined;
};

/** Collects the contributions of discovered features; throws on a duplicate name within a point. */
export function createRegistry(features: readonly (Feature & { readonly directory: string })[]): Registry {
  const points = new Map<string, Map<string, unknown>>();
  for (const feature of features) {
    for (const { point, name, value } of feature.provides) {
      const named = points.get(point) ?? new Map<string, unknown>();
      if (named.has(name)) throw new Error(`Feature ${feature.name}: a second ${point} is named ${name}.`);
      named.set(name, value);
      points.set(point, named);
    }
  }
  // The cast holds because only the point itself makes contributions under its name.
  return {
    features,
    all: <T>(point: ExtensionPoint<T>) => [...(points.get(point.point)?.values() ?? [])] as T[],
    find: <T>(point: ExtensionPoint<T>, name: string) => points.get(point.point)?.get(name) as T | undefined,
  };
}
