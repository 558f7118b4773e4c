import type { RequestContext } from '../../kernel/context.ts';
import { modelOf } from '../../kernel/resource/model.ts';
import { resource } from '../../kernel/resource/resource.ts';
import type { Resource } from '../../kernel/resource/resource.ts';
import { findShown } from '../../kernel/resource/store.ts';
import { isJsonObject, JsonText } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';
import { listPolicyBindings } from './store.ts';
import { listFlowBindings } from '../flows/index.ts';

type Entry = {
  model: string;
  id: string;
  state: string;
  conditions: Json[];
  identifiers: JsonObject;
  attrs: JsonObject;
};

/** By what an object is found again in another installation (contract part 2, section 12). */
const IDENTIFIERS: { readonly [model: string]: readonly string[] } = {
  'authentik_flows.flow': ['slug'],
  'authentik_flows.flowstagebinding': ['target', 'stage', 'order'],
  'authentik_policies.policybinding': ['policy', 'target', 'order'],
};

/** A presented key, which is text or a number. */
const textOf = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** The presented object as an entry: what a client may write, split into identifiers and the rest. */
function entryOf(found: Resource, shown: JsonObject): Entry {
  const identifying = IDENTIFIERS[found.model] ?? ['name'];
  const writable = Object.entries(found.fields).filter(([, field]) => field.access === 'both');
  const pairs = writable.map(([key]): [string, Json] => [key, shown[key] ?? null]);
  return {
    model: found.model,
    id: textOf(shown['pk']),
    state: 'present',
    conditions: [],
    identifiers: Object.fromEntries(pairs.filter(([key]) => identifying.includes(key))),
    attrs: Object.fromEntries(pairs.filter(([key]) => !identifying.includes(key))),
  };
}

/** The resource whose rows have this type in a shared table (`stage`, `policy`). */
function resourceOfType({ registry }: RequestContext, table: string, type: string): Resource | undefined {
  return registry.all(resource).find(({ base }) => base?.table === table && base.type?.value === type);
}

async function load(ctx: RequestContext, found: Resource, key: string): Promise<JsonObject | undefined> {
  const model = modelOf(found, ctx.registry);
  const shown = await findShown(ctx.db, model, key);
  const presented = shown === undefined ? undefined : model.present(shown, { config: ctx.config });
  const value: Json | undefined = presented instanceof JsonText ? JSON.parse(presented.text) : presented;
  return isJsonObject(value) ? value : undefined;
}

async function loadEntry(ctx: RequestContext, found: Resource | undefined, key: string): Promise<Entry[]> {
  const shown = found && (await load(ctx, found, key));
  return found && shown ? [entryOf(found, shown)] : [];
}

/** What a stage is made of: the rows that its lists of links name (a prompt stage's prompts). */
async function loadParts(ctx: RequestContext, found: Resource, stage: Entry): Promise<Entry[]> {
  const parts: Entry[] = [];
  for (const [key, field] of Object.entries(found.fields)) {
    if (field.source.from !== 'links') continue;
    const target = ctx.registry.find(resource, field.source.target().name);
    const keys = stage.attrs[key];
    if (!target || target.model.endsWith('.policy') || !Array.isArray(keys)) continue;
    for (const part of keys) parts.push(...(await loadEntry(ctx, target, textOf(part))));
  }
  return parts;
}

function byName(registry: RequestContext['registry'], name: string): Resource {
  const found = registry.find(resource, name);
  if (!found) throw new Error(`No feature brings ${name}.`);
  return found;
}

/** The entries of a flow in the order flow, parts, policies, stages, stage bindings, policy bindings. */
async function collect(ctx: RequestContext, slug: string): Promise<Entry[]> {
  const { db, registry } = ctx;
  const flow = await load(ctx, byName(registry, 'Flow'), slug);
  if (!flow) return [];
  const parts: Entry[] = [];
  const stages: Entry[] = [];
  const bindings: Entry[] = [];
  // What policies are bound to is named by the entry that brings it: importers know an object's own target.
  const targets = new Map([[textOf(flow['policybindingmodel_ptr_id']), textOf(flow['pk'])]]);
  for (const { binding, stage, type, policyTarget } of await listFlowBindings(db, textOf(flow['pk']))) {
    const found = resourceOfType(ctx, 'stage', type);
    const loaded = await loadEntry(ctx, found, stage);
    for (const entry of loaded) if (found) parts.push(...(await loadParts(ctx, found, entry)));
    stages.push(...loaded);
    bindings.push(...(await loadEntry(ctx, byName(registry, 'FlowStageBinding'), binding)));
    targets.set(policyTarget, binding);
  }
  const policies: Entry[] = [];
  const policyBindings: Entry[] = [];
  for (const { key, policy, type } of await listPolicyBindings(db, [...targets.keys()])) {
    if (policy && type) policies.push(...(await loadEntry(ctx, resourceOfType(ctx, 'policy', type), policy)));
    for (const entry of await loadEntry(ctx, byName(registry, 'PolicyBinding'), key)) {
      const target = targets.get(textOf(entry.identifiers['target'])) ?? null;
      policyBindings.push({ ...entry, identifiers: { ...entry.identifiers, target } });
    }
  }
  const entries = [entryOf(byName(registry, 'Flow'), flow), ...parts, ...policies, ...stages, ...bindings];
  return distinct([...entries, ...policyBindings]);
}

function distinct(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [`${entry.model} ${entry.id}`, entry])).values()];
}

/**
 * A flow as a YAML blueprint (contract part 2, section 12). A reference to another entry is `!KeyOf <id>`, so that the
 * document means the same in another installation.
 */
export async function exportFlow(ctx: RequestContext, slug: string): Promise<string> {
  const { Document, Scalar, visit } = await import('yaml');
  const entries = await collect(ctx, slug);
  const document = new Document({
    version: 1,
    metadata: {
      name: `authentik Export - ${ctx.clock.now().toISOString()}`,
      labels: { 'blueprints.goauthentik.io/generated': 'true' },
    },
    entries,
  });
  const ids = new Set(entries.map(({ id }) => id));
  visit(document, {
    Pair(_key, pair) {
      // An entry's own id is no reference to it.
      return pair.key instanceof Scalar && pair.key.value === 'id' ? visit.SKIP : undefined;
    },
    Scalar(key, node) {
      if (key !== 'key' && typeof node.value === 'string' && ids.has(node.value)) node.tag = '!KeyOf';
    },
  });
  return document.toString();
}
