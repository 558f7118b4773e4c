import { defineEndpoint, endpoint } from '../../../kernel/http/endpoint.ts';
import type { Kind } from '../../../kernel/resource/field.ts';
import { numberKind } from '../../../kernel/resource/kinds/scalar.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { PLAN_CACHE_SECONDS } from '../../flows/index.ts';
import type { Registry } from '../../../kernel/feature.ts';

// The schema's list (CapabilitiesEnum).
const CAPABILITIES = [
  'can_save_media',
  'can_save_reports',
  'can_geo_ip',
  'can_asn',
  'can_impersonate',
  'can_debug',
  'is_enterprise',
  'can_request',
  'can_agent_self_service',
] as const;

/** The capabilities that an operation stands for: it is there, or it is not. */
const PROOFS: Partial<Record<(typeof CAPABILITIES)[number], string>> = {
  can_impersonate: 'core_users_impersonate_create',
  can_save_media: 'admin_file_create',
  can_save_reports: 'events_events_export_create',
};

// What a process remembers of tokens and users (decision 0004); nothing of policies.
const CACHE_SECONDS = 1;
const POLICY_CACHE_SECONDS = 0;

/** The schema calls this number by its format. */
const doubleKind: Kind<number> = { ...numberKind({}), document: () => ({ type: 'number', format: 'double' }) };

const ErrorReportingConfig = defineShape(
  'ErrorReportingConfig',
  {
    sentry_dsn: f.string({ readOnly: true }),
    enabled: f.boolean({ readOnly: true }),
    environment: f.string({ readOnly: true }),
    send_pii: f.boolean({ readOnly: true }),
    traces_sample_rate: { ...f.number({ readOnly: true }), kind: doubleKind },
  },
  { description: 'Config for error reporting' },
);

const Config = defineShape(
  'Config',
  {
    error_reporting: f.shape(ErrorReportingConfig),
    capabilities: f.list(f.choice('CapabilitiesEnum', CAPABILITIES)),
    cache_timeout: f.integer({ limited: false }),
    cache_timeout_flows: f.integer({ limited: false }),
    cache_timeout_policies: f.integer({ limited: false }),
  },
  { description: 'Serialize authentik Config into DRF Object' },
);

function capabilitiesOf(registry: Registry): string[] {
  return CAPABILITIES.filter((name) => {
    const proof = PROOFS[name];
    return proof !== undefined && registry.find(endpoint, proof) !== undefined;
  });
}

/** What a client may know before it signs in. Errors are reported to nobody: no part of this program calls home. */
export const rootConfig = defineEndpoint({
  method: 'GET',
  path: '/root/config/',
  operationId: 'root_config_retrieve',
  description: 'Retrieve public configuration options',
  permission: 'public',
  responses: { 200: Config },
  handle: ({ registry }) => ({
    error_reporting: { sentry_dsn: '', enabled: false, environment: '', send_pii: false, traces_sample_rate: 0 },
    capabilities: capabilitiesOf(registry),
    cache_timeout: CACHE_SECONDS,
    cache_timeout_flows: PLAN_CACHE_SECONDS,
    cache_timeout_policies: POLICY_CACHE_SECONDS,
  }),
});
