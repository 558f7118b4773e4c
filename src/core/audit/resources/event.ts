import { isIP } from 'node:net';
import { ValidationError } from '../../../kernel/errors/index.ts';
import { f } from '../../../kernel/resource/fields.ts';
import { textKind } from '../../../kernel/resource/kinds/text.ts';
import { defineResource } from '../../../kernel/resource/resource.ts';
import type { Filter } from '../../../kernel/resource/resource.ts';
import { EVENT_ACTIONS } from '../actions.ts';
import { actionKind, cleansedKind } from '../kinds.ts';
import { eventCandidates } from '../search/candidates.ts';

const text = textKind({ trim: false });

/** Rows whose JSON has a text at a place. The expressions are those of the table's indices. */
const inJson = (name: string, description: string, expression: (alias: string) => string): Filter => ({
  name,
  kind: text,
  description,
  sql: (alias, value) => `${expression(alias)} = ${value}`,
});

const inColumn = (name: string, description: string, column: string): Filter => ({
  name,
  kind: text,
  description,
  equals: column,
  sql: (alias, value) => `${alias}.${column} = ${value}`,
});

const inContext = (name: string, description: string, place: string): Filter =>
  inJson(name, description, (alias) => `(${alias}.context #>> '{${place}}')`);

// The condition is that of the index; a key is nowhere but in an object.
const application: Filter = inJson(
  'context_authorized_app',
  'Context Authorized application',
  (alias) =>
    `jsonb_typeof(${alias}.context -> 'authorized_application') = 'object'` +
    ` and (${alias}.context #>> '{authorized_application,pk}')`,
);

// Keys that are UUIDs stand in events as 32 digits; clients have them with dashes.
const modelKey: Filter = {
  name: 'context_model_pk',
  kind: text,
  description: 'Context Model Primary Key',
  sql: (alias, value) =>
    `${alias}.model_pk =` +
    ` case when ${value} ~* '^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$' then lower(replace(${value}, '-', '')) else ${value} end`,
};

const cleansed = f.object({ required: false });

/** An entry of the audit log. */
export const Event = defineResource({
  name: 'Event',
  model: 'authentik_events.event',
  path: '/events/events/',
  table: 'event',
  key: 'event_uuid',
  fields: {
    pk: f.uuid({ readOnly: true, column: 'event_uuid', title: 'Event uuid' }),
    user: f.object({ required: false, column: 'user_data' }),
    action: f.choice('EventActions', EVENT_ACTIONS),
    app: f.string(),
    context: { ...cleansed, kind: cleansedKind },
    client_ip: f.string({ nullable: true }),
    created: f.dateTime({ readOnly: true }),
    expires: f.dateTime({ required: false }),
    brand: f.object({ required: false }),
  },
  filters: [
    { name: 'action', kind: text, equals: 'action', sql: (alias, value) => `${alias}.action = ${value}` },
    {
      name: 'actions',
      kind: actionKind,
      multiple: true,
      equals: 'action',
      sql: (alias, value) => `${alias}.action = any(${value})`,
    },
    inColumn('brand_name', 'Brand name', 'brand_name'),
    'client_ip',
    application,
    inContext('context_device', 'Context Device Primary Key', 'device,pk'),
    inColumn('context_model_app', 'Context Model App', 'model_app'),
    inColumn('context_model_name', 'Context Model Name', 'model_name'),
    modelKey,
    inColumn('username', 'Username', 'username'),
  ],
  search: ['pk', 'user', 'action', 'app', 'context', 'client_ip'],
  candidates: eventCandidates,
  ordering: ['-created'],
  counted: { together: ['action', 'model_app', 'model_name', 'brand_name'] },
  text: (alias) => `${alias}.action`,
  except: ['used_by'],
  validate({ client_ip: address }) {
    if (typeof address !== 'string' || isIP(address) > 0) return;
    throw new ValidationError({ client_ip: ['Enter a valid IPv4 or IPv6 address.'] });
  },
});
