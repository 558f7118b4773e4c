import type { Registry } from '../feature.ts';
import { reply } from '../http/message.ts';
import type { DirectReply, HttpRequest } from '../http/message.ts';
import type { Operation } from '../http/operation.ts';
import { buildDocument } from './document.ts';

type Format = { readonly type: string; readonly json: boolean };

const YAML: Format = { type: 'application/vnd.oai.openapi', json: false };

const FORMATS: readonly (readonly [RegExp, Format])[] = [
  [/application\/vnd\.oai\.openapi\+json/i, { type: 'application/vnd.oai.openapi+json', json: true }],
  [/application\/vnd\.oai\.openapi(?!\+)/i, YAML],
  [/application\/yaml/i, { type: 'application/yaml', json: false }],
  [/application\/json/i, { type: 'application/json', json: true }],
];

/** YAML unless `?format=json` or the `Accept` header asks for JSON. */
function formatOf({ query, headers }: HttpRequest): Format {
  if (query.get('format') === 'json') return { type: 'application/vnd.oai.openapi+json', json: true };
  if (query.get('format') === 'yaml') return YAML;
  return FORMATS.find(([pattern]) => pattern.test(headers.accept ?? ''))?.[1] ?? YAML;
}

async function write(document: object, json: boolean): Promise<string> {
  if (json) return JSON.stringify(document);
  const { stringify } = await import('yaml');
  return stringify(document, { aliasDuplicateObjects: false });
}

/** The operation that serves our own OpenAPI document; public, made once. */
export function documentOperation(registry: Registry): Operation {
  let document: ReturnType<typeof buildDocument> | undefined;
  const texts = new Map<boolean, string>();
  const textOf = async (json: boolean): Promise<string> => {
    document ??= buildDocument(registry);
    const text = texts.get(json) ?? (await write(document, json));
    texts.set(json, text);
    return text;
  };
  return {
    operationId: 'schema_retrieve',
    method: 'GET',
    path: '/schema/',
    permissions: 'public',
    readsBody: false,
    anyType: true,
    title: 'Schema',
    description: 'OpenApi3 schema for this API.',
    async run({ request }): Promise<DirectReply> {
      const { type, json } = formatOf(request);
      return reply({ body: await textOf(json), headers: { 'content-type': type } });
    },
  };
}
