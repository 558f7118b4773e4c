import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { OpenApiDocument } from './openapi.ts';

const cacheFolder = fileURLToPath(new URL('../../.cache/contract/', import.meta.url));
let loaded: OpenApiDocument | undefined;

/**
 * The published document: schema.yml of `@goauthentik/api`. Parsing 1.8 MB of YAML takes a second, so the result is kept as
 * JSON under .cache/, keyed by the package's version, and in memory.
 */
export function publishedDocument(): OpenApiDocument {
  loaded ??= readCached() ?? parseAndCache();
  return loaded;
}

/** The folder of `@goauthentik/api` and its version. */
export function publishedPackage(): { folder: string; version: string } {
  const file = createRequire(import.meta.url).resolve('@goauthentik/api/package.json');
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return { folder: dirname(file), version };
}

function cacheFile(): string {
  return join(cacheFolder, `schema-${publishedPackage().version}.json`);
}

function readCached(): OpenApiDocument | undefined {
  try {
    return JSON.parse(readFileSync(cacheFile(), 'utf8'));
  } catch {
    return undefined; // absent or broken: parsed anew
  }
}

function parseAndCache(): OpenApiDocument {
  const document: OpenApiDocument = parse(readFileSync(join(publishedPackage().folder, 'schema.yml'), 'utf8'));
  mkdirSync(cacheFolder, { recursive: true });
  // Test workers run side by side: a rename never shows a half-written file.
  const unfinished = `${cacheFile()}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(document));
  renameSync(unfinished, cacheFile());
  return document;
}
