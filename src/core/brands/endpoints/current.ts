import { defineEndpoint } from '../../../kernel/http/endpoint.ts';
import type { Kind, SchemaObject } from '../../../kernel/resource/field.ts';
import { defineShape, f } from '../../../kernel/resource/fields.ts';
import { ThemedUrls } from '../../flows/index.ts';
import { rowOf, settingOf } from '../look.ts';
import { themedUrls } from '../pictures.ts';
import { Brand } from '../resources/brand.ts';
import type { BrandRow } from '../store.ts';

const THEMES = ['automatic', 'light', 'dark'] as const;

const FooterLink = defineShape(
  'FooterLink',
  { href: f.string({ nullable: true, readOnly: true }), name: f.string({ readOnly: true }) },
  { description: 'Links returned in Config API' },
);

const flagsSchema: SchemaObject = {
  type: 'object',
  properties: {
    flows_continuous_login: {
      type: 'boolean',
      description: 'Upon successful authentication, re-start authentication in other open tabs.',
    },
    flows_refresh_others: {
      type: 'boolean',
      description: 'Refresh other tabs after successful authentication.',
      deprecated: true,
    },
  },
  required: ['flows_continuous_login', 'flows_refresh_others'],
};
const flagsKind: Kind = { ...f.object().kind, document: () => flagsSchema };

const slug = () => f.string({ required: false });

const CurrentBrand = defineShape(
  'CurrentBrand',
  {
    matched_domain: f.string(),
    branding_title: f.string(),
    branding_logo: f.string(),
    branding_logo_themed_urls: f.shape(ThemedUrls, { nullable: true, readOnly: true }),
    branding_favicon: f.string(),
    branding_favicon_themed_urls: f.shape(ThemedUrls, { nullable: true, readOnly: true }),
    branding_custom_css: f.string(),
    branding_map_tiles: f.string(),
    ui_footer_links: f.list(f.shape(FooterLink), { readOnly: true }),
    ui_theme: f.choice('UiThemeEnum', THEMES, { readOnly: true, default: 'automatic', documentDefault: true }),
    flow_authentication: slug(),
    flow_user_switch: slug(),
    flow_invalidation: slug(),
    flow_recovery: slug(),
    flow_unenrollment: slug(),
    flow_user_settings: slug(),
    flow_device_code: slug(),
    flow_lockdown: slug(),
    flow_request: slug(),
    default_locale: f.string({ readOnly: true }),
    flags: { ...f.object({ readOnly: true }), kind: flagsKind },
  },
  { description: 'Partial brand information for styling' },
);

function present(row: BrandRow) {
  const theme = settingOf(row.attributes, 'theme', 'base');
  return {
    ...row,
    ...row.flows,
    matched_domain: row.domain,
    branding_logo_themed_urls: themedUrls(row.branding_logo),
    branding_favicon_themed_urls: themedUrls(row.branding_favicon),
    // Links below the pages are a setting of the whole installation upstream; there is no such setting here.
    ui_footer_links: [],
    ui_theme: THEMES.find((known) => known === theme) ?? 'automatic',
    default_locale: settingOf(row.attributes, 'locale'),
    // Our pages do neither: a login in one tab leaves the others alone.
    flags: { flows_continuous_login: false, flows_refresh_others: false },
  };
}

/** The brand of the request's host, for anybody. */
export const current = defineEndpoint({
  on: Brand,
  detail: false,
  method: 'GET',
  path: 'current/',
  operationId: 'core_brands_current_retrieve',
  description: 'Get current brand',
  permission: 'public',
  responses: { 200: CurrentBrand },
  handle: async (ctx, { request }) => present(await rowOf(ctx, request.host)),
});
