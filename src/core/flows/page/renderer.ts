import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FlowPages } from './schema.ts';

// From src/core/flows/page and from dist/core/flows/page alike.
export const WEB_ROOT = fileURLToPath(new URL('../../../../dist/web/flow/', import.meta.url));

export type Assets = { readonly script: string; readonly styles: readonly string[] };

type Manifest = { readonly [source: string]: { file: string; css?: string[]; isEntry?: boolean } };

async function load(): Promise<{ renderer: FlowPages; assets: Assets }> {
  const entry = new URL(`file://${WEB_ROOT}server/entry-server.js`).href;
  const [renderer, manifest]: [FlowPages, Manifest] = await Promise.all([
    import(entry),
    readFile(`${WEB_ROOT}manifest.json`, 'utf8').then((text) => JSON.parse(text)),
  ]);
  const client = Object.values(manifest).find((chunk) => chunk.isEntry);
  if (!client) throw new Error('The flow pages were not built: no entry in the manifest.');
  const at = (file: string): string => `/static/dist/flow/${file}`;
  return { renderer, assets: { script: at(client.file), styles: (client.css ?? []).map(at) } };
}

let loaded: ReturnType<typeof load> | undefined;

/** The renderer and the addresses of its script and styles; loaded once. Throws when the pages were not built. */
export function loadRenderer(): ReturnType<typeof load> {
  loaded ??= load();
  return loaded;
}
