import type { Kind, SchemaObject } from '../../../kernel/resource/field.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';
import { User } from '../../users/index.ts';
import { parseUserAgent } from '../user-agent.ts';

const text: SchemaObject = { type: 'string' };
const nullable = (type: string, format?: string): SchemaObject => ({
  type,
  ...(format === undefined ? {} : { format }),
  nullable: true,
});

function object(properties: Readonly<Record<string, SchemaObject>>, description?: string): SchemaObject {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties,
    required: Object.keys(properties).toSorted(),
  };
}

/** A JSON object as a field, documented in place. */
function documented(schema: SchemaObject) {
  const like = f.object();
  const kind: Kind = { ...like.kind, document: () => schema };
  return { ...like, kind };
}

const agent = object({
  device: object({ brand: nullable('string'), family: text, model: nullable('string') }, 'User agent device'),
  os: object(
    {
      family: text,
      major: nullable('string'),
      minor: nullable('string'),
      patch: nullable('string'),
      patch_minor: nullable('string'),
    },
    'User agent os',
  ),
  user_agent: object({ family: text, major: text, minor: text, patch: text }, 'User agent browser'),
  string: text,
});

const geoIp = object({
  continent: nullable('string'),
  country: nullable('string'),
  lat: nullable('number', 'double'),
  long: nullable('number', 'double'),
  city: text,
});

const asn = object({ asn: nullable('integer'), as_org: nullable('string'), network: nullable('string') });

/** A session that somebody is signed in with. Deleting it ends it, for its next request in every process (A17). */
export const AuthenticatedSession = defineResource({
  name: 'AuthenticatedSession',
  model: 'authentik_core.authenticatedsession',
  path: '/core/authenticated_sessions/',
  table: 'session',
  key: 'session_uuid',
  lookup: 'uuid',
  except: ['create', 'update', 'partial_update'],
  fields: {
    uuid: f.uuid({ column: 'session_uuid', required: false }),
    current: f.computed(f.boolean(), ({ uuid }, { actor }) => actor?.sessionUuid === uuid, {
      description: 'Check if session is currently active session',
    }),
    user_agent: f.computed(documented(agent), ({ last_user_agent: header }) => parseUserAgent(header), {
      description: 'Get parsed user agent',
    }),
    // No data about places and networks is kept here.
    geo_ip: f.computed(documented(geoIp), () => null, { nullable: true, description: 'Get GeoIP Data' }),
    asn: f.computed(documented(asn), () => null, { nullable: true, description: 'Get ASN Data' }),
    user: f.pk(() => User, { column: 'user_id' }),
    last_ip: f.string({ readOnly: true }),
    last_user_agent: f.string({ readOnly: true }),
    last_used: f.dateTime({ readOnly: true }),
    expires: f.dateTime({ readOnly: true }),
  },
  filters: [
    { name: 'session__last_ip', kind: f.string().kind, sql: (alias, value) => `${alias}.last_ip = ${value}` },
    {
      name: 'session__last_user_agent',
      kind: f.string().kind,
      sql: (alias, value) => `${alias}.last_user_agent = ${value}`,
    },
    'user__username',
  ],
  search: ['user__username', 'last_ip', 'last_user_agent'],
  ordering: ['-last_used'],
  visible: (alias) => `${alias}.user_id is not null and ${alias}.expires > now()`,
  text: (alias) => `${alias}.session_uuid::text`,
});
