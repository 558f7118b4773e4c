import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ErrorInput, PageInput, SignedInInput } from './schema.ts';

/** The pages as the build left them: the same components that the browser takes over. */
export type Renderer = {
  readonly renderPage: (input: PageInput) => { html: string };
  readonly renderSignedIn: (input: SignedInInput) => { html: string };
  readonly renderError: (input: ErrorInput) => { html: string };
};

// From src/core/flows/page and from dist/core/flows/page alike.
export const WEB_ROOT = fileURLToPath(new URL('../../../../dist/web/flow/', import.meta.url));

export type Assets = { readonly script: string; readonly styles: readonly string[] };

type Manifest = { readonly [source: string]: { file: string; css?: string[]; isEntry?: boolean } };

async function load(): Promise<{ renderer: Renderer; assets: Assets }> {
  const entry = new URL(`file://${WEB_ROOT}server/entry-server.js`).href;
  const [renderer, manifest]: [Renderer, Manifest] = await Promise.all([
    import(entry),
    readFile(`${WEB_ROOT}.vite/manifest.json`, 'utf8').then((text) => JSON.parse(text)),
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
