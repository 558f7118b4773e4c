import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRegistry } from './feature.ts';
import type { Feature, Registry } from './feature.ts';
import type { Contribution } from './feature.ts';

/** What was found on disk: the features' contributions, and their migrations by name. */
export type Discovery = {
  readonly registry: Registry;
  /** Migration name (`20261123-0100-create-setting`) to file. */
  readonly migrations: ReadonlyMap<string, string>;
};

export type Roots = {
  /** The directory that holds `kernel/`, `core/` and `features/`: `dist` when built, `src` in tests. */
  readonly root: string;
  /** The core's modules in their order. */
  readonly order: readonly string[];
  /** Contributions of the kernel and of whoever composes the application. */
  readonly provides?: readonly Contribution[];
};

const MIGRATION = /^(\d{8}-\d{4}-[a-z0-9-]+)\.(?:js|ts)$/;

type Found = { readonly directory: string; readonly feature: string | undefined; readonly migrations: string[] };

/** The files of one folder that discovery knows, and the folders below that may be features of their own. */
async function survey(directory: string): Promise<{ found: Found; below: string[] }> {
  const entries = await readdir(directory, { withFileTypes: true });
  const feature = entries.find((entry) => entry.isFile() && /^feature\.(?:js|ts)$/.test(entry.name));
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
  const migrations = below.find((path) => path.endsWith(`${sep}migrations`));
  return {
    found: {
      directory,
      feature: feature && join(directory, feature.name),
      migrations: migrations ? (await readdir(migrations)).map((name) => join(migrations, name)) : [],
    },
    below: below.filter((path) => path !== migrations),
  };
}

async function surveyFeatures(directory: string): Promise<Found[]> {
  const { found, below } = await survey(directory);
  if (found.feature || found.migrations.length > 0) return [found];
  const nested = await Promise.all(below.toSorted().map(surveyFeatures));
  return nested.flat();
}

async function hasSources(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.some((entry) => entry.isFile() && /\.(?:js|ts)$/.test(entry.name));
}

async function loadFeature(root: string, found: Found): Promise<Feature & { readonly directory: string }> {
  const name = relative(root, found.directory).split(sep).slice(1).join('/');
  if (!found.feature) {
    // A retired feature keeps nothing but its migrations; anything more without a feature.ts is a mistake.
    if (await hasSources(found.directory)) throw new Error(`${found.directory} has no feature.ts.`);
    return { name, provides: [], directory: found.directory };
  }
  const module: { default?: Feature } = await import(pathToFileURL(found.feature).href);
  if (!module.default) throw new Error(`${found.feature} has no default export.`);
  if (module.default.name !== name) throw new Error(`${found.feature} is named ${module.default.name}, not ${name}.`);
  return { ...module.default, directory: found.directory };
}

function migrationsOf(found: readonly Found[]): Map<string, string> {
  const migrations = new Map<string, string>();
  for (const file of found.flatMap(({ migrations: files }) => files)) {
    const name = MIGRATION.exec(file.slice(file.lastIndexOf(sep) + 1))?.[1];
    if (!name) continue;
    if (migrations.has(name)) throw new Error(`Two migrations are named ${name}.`);
    migrations.set(name, file);
  }
  return migrations;
}

/**
 * Finds and loads every feature: the core's modules in their order, then `features/**` by name. Nothing lists features;
 * a folder with a `feature.ts` is one (architecture, section 9).
 * @throws for a folder without `feature.ts`, a wrong name, or a contribution made twice
 */
export async function discover({ root, order, provides = [] }: Roots): Promise<Discovery> {
  const kernel = await Promise.all(
    (await survey(join(root, 'kernel'))).below.map(async (path) => (await survey(path)).found),
  );
  const core = await Promise.all(order.map(async (name) => (await survey(join(root, 'core', name))).found));
  const leaves = await surveyFeatures(join(root, 'features'));
  const features = await Promise.all([...core, ...leaves].map((found) => loadFeature(root, found)));
  const composition = { name: 'kernel', provides, directory: join(root, 'kernel') };
  return {
    registry: createRegistry([composition, ...features]),
    migrations: migrationsOf([...kernel, ...core, ...leaves]),
  };
}
