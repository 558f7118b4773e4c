import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Reply } from '../../../kernel/http/message.ts';
import type { RawRoute } from '../../../kernel/http/raw-route.ts';
import { WEB_ROOT } from '../page/renderer.ts';

const TYPES: { readonly [extension: string]: string } = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

type Asset = { readonly type: string; readonly body: Buffer };

// The few files of the build, read once: a request never names a path on disk.
async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const names = await readdir(join(WEB_ROOT, 'assets'));
  const files = names.map(async (name): Promise<[string, Asset]> => {
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    return [`assets/${name}`, { type, body: await readFile(join(WEB_ROOT, 'assets', name)) }];
  });
  return new Map(await Promise.all(files));
}

let assets: ReturnType<typeof loadAssets> | undefined;

/** The pages' script and styles. Their names carry a hash of their content, so browsers may keep them. */
export const assetFiles: RawRoute = {
  methods: ['GET'],
  path: '/static/dist/flow/*',
  async handle(_ctx, request): Promise<Reply> {
    assets ??= loadAssets();
    const asset = (await assets).get(request.params['*'] ?? '');
    if (!asset) return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found.' };
    return {
      status: 200,
      headers: {
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      },
      body: asset.body,
    };
  },
};
