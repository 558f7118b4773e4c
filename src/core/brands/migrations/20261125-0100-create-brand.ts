const FLOWS = [
  'authentication',
  'user_switch',
  'invalidation',
  'recovery',
  'unenrollment',
  'user_settings',
  'device_code',
  'lockdown',
  'request',
];

// Applications and certificates are not here yet: their columns get their foreign keys with the tables.
export const sql = `
create table brand (
  brand_uuid uuid primary key default gen_random_uuid(),
  domain text collate "C" not null,
  "default" boolean not null default false,
  branding_title text collate "C" not null default 'Vestibule',
  branding_logo text collate "C" not null default '/static/dist/assets/icons/icon_left_brand.svg',
  branding_favicon text collate "C" not null default '/static/dist/assets/icons/icon.png',
  branding_custom_css text not null default '',
  branding_default_flow_background text collate "C" not null default '/static/dist/assets/images/flow_background.jpg',
  branding_map_tiles text not null default '',
  ${FLOWS.map((name) => `flow_${name} uuid references flow on delete set null,`).join('\n  ')}
  default_application uuid,
  web_certificate uuid,
  client_certificates uuid[] not null default '{}',
  attributes jsonb not null default '{}'
);
create unique index brand_domain on brand (lower(domain));
create unique index brand_default on brand ("default") where "default";
${FLOWS.map((name) => `create index brand_flow_${name} on brand (flow_${name}) where flow_${name} is not null;`).join('\n')}
`;
