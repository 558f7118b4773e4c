import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import type { HttpRequest } from '../../../kernel/http/message.ts';
import { redactText } from '../../../kernel/log/redact.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import type { RequestContext } from '../../../kernel/context.ts';
import { brandOf } from '../../brands/index.ts';
import { describeRuntime, runtimeField } from '../runtime.ts';

const SystemInfo = defineShape(
  'SystemInfo',
  {
    base_url: f.string({ readOnly: true, description: 'Configured external base URL. Can be empty' }),
    http_headers: f.map(f.string(), { readOnly: true, description: 'Get HTTP Request headers' }),
    http_host: f.string({ readOnly: true, description: 'Get HTTP host' }),
    http_is_secure: f.boolean({ readOnly: true, description: 'Get HTTP Secure flag' }),
    runtime: runtimeField('Get versions'),
    brand: f.string({ readOnly: true, description: 'Currently active brand' }),
    server_time: f.dateTime({ readOnly: true, description: 'Current server time' }),
    embedded_outpost_disabled: f.boolean({
      readOnly: true,
      description: 'Whether the embedded outpost is disabled',
    }),
    embedded_outpost_host: f.string({
      readOnly: true,
      description: 'Get the FQDN configured on the embedded outpost',
    }),
  },
  { description: 'Get system information.' },
);

// Names of headers that carry credentials, those that proxies and gateways invent among them.
const SECRET_HEADER = /auth|cookie|csrf|token|secret|pass|key|session|signature|jwt|cert/i;

/** The headers as they arrived, for those who look for a proxy's fault; none that opens anything (T08). */
function shownHeaders({ headers }: HttpRequest): Record<string, string> {
  const shown = Object.entries(headers).filter(([name]) => !SECRET_HEADER.test(name));
  return Object.fromEntries(shown.map(([name, value]) => [name, redactText([value ?? ''].flat().join(', '))]));
}

/** Contract 1.5: six digits behind the second, or none. */
function wireTime(time: Date): string {
  return time
    .toISOString()
    .replace('.000Z', 'Z')
    .replace(/(\.\d{3})Z$/, '$1000Z');
}

async function describeSystem(ctx: RequestContext, request: HttpRequest) {
  const { config, clock } = ctx;
  return {
    base_url: config.publicUrl ?? '',
    http_headers: shownHeaders(request),
    http_host: request.host,
    http_is_secure: request.protocol === 'https',
    runtime: describeRuntime(),
    brand: (await brandOf(ctx, request.host)).text,
    server_time: wireTime(clock.now()),
    embedded_outpost_disabled: true,
    embedded_outpost_host: '',
  };
}

const common = {
  path: '/admin/system/',
  description: 'Get system information.',
  permission: 'authentik_rbac.view_system_info',
  responses: { 200: SystemInfo },
} as const;

/** Facts about this process and the request that asks. There are no outposts to name. */
export const adminSystem = defineEndpoint({
  ...common,
  method: 'GET',
  operationId: 'admin_system_retrieve',
  handle: (ctx, { request }) => describeSystem(ctx, request),
});

/** The same by POST, as the schema has it. */
export const adminSystemPost = defineEndpoint({
  ...common,
  method: 'POST',
  operationId: 'admin_system_create',
  handle: (ctx, { request }) => describeSystem(ctx, request),
});
