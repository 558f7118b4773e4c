import { readFile } from 'node:fs/promises';
import type { Reply } from '../../../kernel/http/message.ts';
import type { RawRoute } from '../../../kernel/http/raw-route.ts';
import { parseUuid } from '../../../kernel/schema/uuid.ts';
import { stylePath } from '../look.ts';
import { findStyles } from '../store.ts';

const SAFE = { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' };
const NOT_FOUND: Reply = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found.' };

const PICTURES: ReadonlyMap<string, string> = new Map([
  ['icon_left_brand.svg', 'image/svg+xml'],
  ['icon.png', 'image/png'],
]);

/** The pictures of brands that have none of their own. */
export const defaultPictures: RawRoute = {
  methods: ['GET'],
  path: '/static/dist/assets/icons/{name}',
  async handle(_ctx, { params }): Promise<Reply> {
    const name = params['name'] ?? '';
    const type = PICTURES.get(name);
    if (type === undefined) return NOT_FOUND;
    const body = await readFile(new URL(`../pictures/${name}`, import.meta.url));
    // Opened by itself an SVG is a document: it may load and run nothing.
    const headers = {
      'content-type': type,
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    };
    return { status: 200, headers: { ...headers, ...SAFE, 'cache-control': 'public, max-age=86400' }, body };
  },
};

/**
 * A brand's own style sheet, under the address that the pages give. A file of its own: within the page a text could end
 * the element that it stands in.
 */
export const styleSheet: RawRoute = {
  methods: ['GET'],
  path: '/static/brands/{brand}/{digest}/style.css',
  async handle({ db }, { params, path }): Promise<Reply> {
    const uuid = parseUuid(params['brand'] ?? '');
    const css = uuid === undefined ? undefined : await findStyles(db, uuid);
    if (uuid === undefined || css === undefined || stylePath(uuid, css) !== path) return NOT_FOUND;
    const headers = {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    };
    return { status: 200, headers: { ...headers, ...SAFE }, body: css };
  },
};
