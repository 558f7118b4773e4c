import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import type { Registry } from '../../kernel/feature.ts';
import type { StartStep } from '../../kernel/lifecycle.ts';
import { resource } from '../../kernel/resource/resource.ts';
import type { Resource } from '../../kernel/resource/resource.ts';
import { find as findObject, insert, update } from '../../kernel/resource/store.ts';
import type { Attributes, Target } from '../../kernel/resource/store.ts';
import type { Json } from '../../kernel/schema/types.ts';
import { seed } from './seed.ts';
import type { Seed, SeedEntry } from './seed.ts';
import * as store from './store.ts';

type Keys = Map<string, string | number>;

function resourceOf(registry: Registry, model: string): Resource {
  const found = registry.all(resource).find((candidate) => candidate.model === model);
  if (!found) throw new Error(`No feature brings the model ${model}.`);
  return found;
}

/** The key of the object that `!Find <model> <field> <value>` names; null when there is none. */
async function find(tx: Transaction, registry: Registry, reference: string): Promise<string | number | null> {
  const [, model = '', field = '', value = ''] = reference.split(' ');
  return store.findKey(tx, { resource: resourceOf(registry, model), field, value });
}

/** A value with its references to earlier entries and other objects replaced by their keys. */
async function resolve(place: { tx: Transaction; registry: Registry; keys: Keys }, value: Json): Promise<Json> {
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value) items.push(await resolve(place, item));
    return items;
  }
  if (typeof value !== 'string') return value;
  const { tx, registry, keys } = place;
  if (value.startsWith('!Find ')) return find(tx, registry, value);
  if (!value.startsWith('!KeyOf ')) return value;
  const key = keys.get(value.slice('!KeyOf '.length));
  if (key === undefined) throw new Error(`${value}: no earlier entry has that id.`);
  return key;
}

/** Creates the entries in their order, in the caller's transaction. */
async function applyEntries(tx: Transaction, registry: Registry, entries: readonly SeedEntry[]): Promise<void> {
  const keys: Keys = new Map();
  const place = { tx, registry, keys };
  for (const { model, id, attrs, identifiers } of entries) {
    const target = { resource: resourceOf(registry, model), registry };
    const attributes = await resolveAll(place, attrs);
    if (identifiers) {
      await change(tx, target, { identifiers: await resolveAll(place, identifiers), attributes });
      continue;
    }
    const key = await insert(tx, target, attributes);
    if (id !== undefined) keys.set(id, key);
  }
}

async function resolveAll(
  place: { tx: Transaction; registry: Registry; keys: Keys },
  values: SeedEntry['attrs'],
): Promise<Record<string, Json>> {
  const resolved: [string, Json][] = [];
  for (const [name, value] of Object.entries(values)) resolved.push([name, await resolve(place, value)]);
  return Object.fromEntries(resolved);
}

/** Changes the object that is meant; where there is none (any more), nothing happens. */
async function change(
  tx: Transaction,
  target: Target,
  { identifiers, attributes }: { readonly identifiers: Attributes; readonly attributes: Attributes },
): Promise<void> {
  const row = await findObject(tx, target, identifiers);
  const value = row?.[target.resource.lookup ?? target.resource.key];
  if (typeof value === 'string' || typeof value === 'number') await update(tx, target, { value, attributes });
}

/** The seeds whose time has come and that were not applied yet. */
async function listDue(ctx: Context): Promise<Seed[]> {
  const applied = new Set(await store.listSeeds(ctx.db));
  return ctx.registry.all(seed).filter(({ name, when }) => !applied.has(name) && (when?.(ctx) ?? true));
}

async function applySeeds(ctx: Context): Promise<void> {
  const { db, registry } = ctx;
  for (const { name, entries } of await listDue(ctx)) {
    await db.transaction(async (tx) => {
      if (await store.claimSeed(tx, name)) await applyEntries(tx, registry, entries);
    });
  }
}

/** Applies what a fresh installation has and this one never had. */
export const seedStep: StartStep = {
  name: 'seeds',
  async run(ctx) {
    await applySeeds(ctx);
    return [];
  },
};

/** Names the seeds that are not applied yet; undefined when all are. */
export async function missingSeeds(ctx: Context): Promise<string | undefined> {
  const missing = await listDue(ctx);
  return missing.length === 0 ? undefined : `Not made yet: ${missing.map(({ name }) => name).join(', ')}.`;
}
