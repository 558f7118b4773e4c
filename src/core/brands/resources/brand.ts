import type { Queryable } from '../../../kernel/db/types.ts';
import { ValidationError } from '../../../kernel/errors/api-error.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { uuidKind } from '../../../kernel/resource/kinds/scalar.ts';
import { messages } from '../../../kernel/resource/messages.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';
import type { Filter, Row } from '../../../kernel/resource/resource.ts';
import { Flow } from '../../flows/index.ts';
import { boundedKind, domainKind, pictureKind, styleKind } from '../kinds.ts';
import { hasOtherDefault } from '../store.ts';

type Input = {
  readonly default?: boolean;
  readonly default_application?: string | null;
  readonly web_certificate?: string | null;
  readonly client_certificates?: readonly string[];
};

async function defaultFault(db: Queryable, input: Input, existing: Row | undefined): Promise<[string, string][]> {
  if (input.default !== true) return [];
  const taken = await hasOtherDefault(db, existing && String(existing['brand_uuid']));
  return taken ? [['default', 'Only a single brand can be set as default.']] : [];
}

/** @throws ValidationError for a second default brand, and for applications and certificates: there are none yet */
async function validate(input: Input, place: { db: Queryable; existing: Row | undefined }): Promise<void> {
  const missing: [string, string | null | undefined][] = [
    ['default_application', input.default_application],
    ['web_certificate', input.web_certificate],
    ['client_certificates', input.client_certificates?.[0]],
  ];
  const unknown = missing.flatMap(([field, key]): [string, string][] =>
    typeof key === 'string' ? [[field, messages.pkUnknown(key)]] : [],
  );
  const faults = [...(await defaultFault(place.db, input, place.existing)), ...unknown];
  if (faults.length === 0) return;
  throw new ValidationError(Object.fromEntries(faults.map(([field, message]) => [field, [message]])));
}

const flow = () => f.pk(() => Flow, { nullable: true, onDelete: 'set_null' });

const flows = {
  flow_authentication: flow(),
  flow_user_switch: flow(),
  flow_invalidation: flow(),
  flow_recovery: flow(),
  flow_unenrollment: flow(),
  flow_user_settings: flow(),
  flow_device_code: flow(),
  flow_lockdown: flow(),
  flow_request: flow(),
};

const byCertificate: Filter = {
  name: 'client_certificates',
  kind: uuidKind,
  multiple: true,
  sql: (alias, value) => `${alias}.client_certificates && ${value}`,
};

/** How an installation shows itself under a domain, and which flows begin there. */
export const Brand = defineResource({
  name: 'Brand',
  model: 'authentik_brands.brand',
  path: '/core/brands/',
  table: 'brand',
  key: 'brand_uuid',
  fields: {
    brand_uuid: f.uuid({ readOnly: true }),
    domain: {
      ...f.string({
        description: 'Domain that activates this brand. Can be a superset, i.e. `a.b` for `aa.b` and `ba.b`',
        unique: 'Brand with this domain already exists.',
      }),
      kind: domainKind,
    },
    default: f.boolean({ required: false }),
    branding_title: { ...f.string({ required: false }), kind: boundedKind },
    branding_logo: { ...f.string({ required: false }), kind: pictureKind },
    branding_favicon: { ...f.string({ required: false }), kind: pictureKind },
    branding_custom_css: { ...f.text({ blank: true }), kind: styleKind },
    branding_default_flow_background: { ...f.string({ required: false }), kind: boundedKind },
    branding_map_tiles: f.string({
      blank: true,
      description:
        'URL template for the vector tile source used by the events map. Supports XYZ templates with {z}, {x} and ' +
        '{y} placeholders, or pmtiles:// archive URLs. When empty, the frontend uses the bundled hexworld basemap. ' +
        'This value is part of the brand information served to unauthenticated clients; do not embed API keys or ' +
        'other credentials in it.',
    }),
    ...flows,
    default_application: f.uuid({
      nullable: true,
      description: 'When set, external users will be redirected to this application after authenticating.',
    }),
    web_certificate: f.uuid({
      nullable: true,
      description: 'Web Certificate used by the authentik Core webserver.',
    }),
    client_certificates: f.list(f.uuid(), {
      required: false,
      description: 'Certificates used for client authentication.',
    }),
    attributes: f.object({ required: false }),
  },
  filters: [
    'brand_uuid',
    'branding_default_flow_background',
    'branding_favicon',
    'branding_logo',
    'branding_title',
    byCertificate,
    'default',
    'domain',
    ...Object.keys(flows),
    'web_certificate',
  ],
  search: ['domain', 'branding_title'],
  ordering: ['domain'],
  text: (alias) => `case when ${alias}."default" then 'Default brand' else 'Brand ' || ${alias}.domain end`,
  validate: (input, { db, existing }) => validate(input, { db, existing }),
});
