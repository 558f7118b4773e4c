import { createHash } from 'node:crypto';
import type { Registry } from '../../../kernel/feature.ts';
import type { RawRoute } from '../../../kernel/http/raw-route.ts';
import { buildDocument } from '../../../kernel/openapi/document.ts';
import { STYLE, referencePage } from '../reference/page.ts';

const hash = createHash('sha256').update(STYLE).digest('base64');

// No script at all, nothing foreign, one style sheet (S18).
const POLICY = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const pages = new WeakMap<Registry, string>();

function pageOf(registry: Registry): string {
  const known = pages.get(registry);
  if (known !== undefined) return known;
  const page = referencePage(buildDocument(registry));
  pages.set(registry, page);
  return page;
}

/** `/api/v3/`: the API's reference for people, from the document that clients get. Public, as the document is. */
export const reference: RawRoute = {
  methods: ['GET'],
  path: '/api/v3/',
  handle: ({ registry }) => ({
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cross-origin-opener-policy': 'same-origin',
    },
    body: pageOf(registry),
  }),
};
