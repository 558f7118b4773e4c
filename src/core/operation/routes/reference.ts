import { createHash } from 'node:crypto';
import type { Registry } from '../../../kernel/feature.ts';
import type { RawRoute } from '../../../kernel/http/raw-route.ts';
import { buildDocument } from '../../../kernel/openapi/document.ts';
import { buildOwnDocument } from '../../../kernel/own-api/document.ts';
import { OWN_API } from '../../../kernel/own-api/index.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { STYLE, referencePage } from '../reference/page.ts';
import type { Api } from '../reference/page.ts';

const hash = createHash('sha256').update(STYLE).digest('base64');

// No script at all, nothing foreign, one style sheet (S18).
const POLICY = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The page at the root of an API: its reference for people, from the document that clients get. Public, as that is. */
function referenceOf(api: Api, build: (registry: Registry) => JsonObject): RawRoute {
  const pages = new WeakMap<Registry, string>();
  const pageOf = (registry: Registry): string => {
    const page = pages.get(registry) ?? referencePage(build(registry), api);
    pages.set(registry, page);
    return page;
  };
  return {
    methods: ['GET'],
    path: `${api.root}/`,
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
}

/** `/api/v3/` */
export const reference = referenceOf(
  { root: '/api/v3', documents: { JSON: '/api/v3/schema/?format=json', YAML: '/api/v3/schema/' } },
  buildDocument,
);

/** `/api/vestibule/v1/` */
export const ownReference = referenceOf(
  { root: OWN_API, documents: { JSON: `${OWN_API}/openapi.json` } },
  buildOwnDocument,
);
