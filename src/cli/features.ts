import { relative } from 'node:path';
import type { Command } from 'commander';
import { ROOT } from '../installation.ts';
import type { Discovery } from '../kernel/discover.ts';
import { endpoint } from '../kernel/http/endpoint.ts';
import { rawRoute } from '../kernel/http/raw-route.ts';
import { endpointPath } from '../kernel/http/endpoint-operation.ts';
import { resource } from '../kernel/resource/resource.ts';
import { print } from './environment.ts';

type Row = { folder: string; provides: string; urls: readonly string[] };

// A resource without any of them is there for others to refer to.
const OPERATIONS = 7;

function urlsOf(provides: readonly { point: string; name: string; value: unknown }[], discovery: Discovery): string[] {
  const { registry } = discovery;
  const named = (point: string) => provides.filter((found) => found.point === point).map((found) => found.name);
  const resources = named('resource').map((name) => {
    const found = registry.find(resource, name);
    return found && found.except.length < OPERATIONS ? found.path : undefined;
  });
  const endpoints = named('endpoint').map((name) => {
    const found = registry.find(endpoint, name);
    return found && `${found.method} ${endpointPath(found)}`;
  });
  const routes = named('route').map((name) => registry.find(rawRoute, name)?.path);
  return [...resources, ...endpoints, ...routes].filter((url) => url !== undefined);
}

function count(provides: readonly { point: string }[]): string {
  const points = [...new Set(provides.map(({ point }) => point))];
  return points.map((point) => `${provides.filter((found) => found.point === point).length} ${point}`).join(', ');
}

/** Adds `features`: what discovery found, with its URLs. */
export function addFeatures(program: Command, discovery: Discovery): void {
  program
    .command('features')
    .description('List what was discovered: folders, what they bring, their URLs.')
    .action(() => {
      const rows: Row[] = discovery.registry.features.map(({ directory, provides }) => ({
        folder: relative(ROOT, directory),
        provides: count(provides),
        urls: urlsOf(provides, discovery),
      }));
      const text = rows.map(({ folder, provides, urls }) =>
        [`${folder}  (${provides || 'nothing of its own'})`, ...urls.map((url) => `    ${url}`)].join('\n'),
      );
      print({ text: text.join('\n'), json: rows }, program.opts()['json'] === true);
    });
}
