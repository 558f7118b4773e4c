import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import type { HttpRequest } from '../../kernel/http/message.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../kernel/schema/types.ts';
import type { FlowBrand } from '../flows/index.ts';
import type { MailBrand } from '../outbox/index.ts';
import { DEFAULT_BACKGROUND, DEFAULT_FAVICON, DEFAULT_LOGO, DEFAULT_TITLE } from './defaults.ts';
import type { BrandFlow } from './defaults.ts';
import { hostName } from './host.ts';
import { themedUrls } from './pictures.ts';
import { findBrand } from './store.ts';
import type { BrandRow } from './store.ts';

/** Stands in where no brand is left: the domain is upstream's name for it. */
const FALLBACK: BrandRow = {
  brand_uuid: '00000000-0000-0000-0000-000000000000',
  domain: 'fallback',
  default: false,
  branding_title: DEFAULT_TITLE,
  branding_logo: DEFAULT_LOGO,
  branding_favicon: DEFAULT_FAVICON,
  branding_custom_css: '',
  branding_default_flow_background: DEFAULT_BACKGROUND,
  branding_map_tiles: '',
  attributes: {},
  flows: {},
};

/** What the rest of the program may know of a brand. */
export type BrandFace = {
  readonly title: string;
  /** Paths on this server, or `data:image/…` URLs. */
  readonly logo: string;
  readonly favicon: string;
  readonly domain: string;
  /** As it is named in `used_by` and to administrators. */
  readonly text: string;
  /** The configured origin of this installation; undefined when there is none. */
  readonly publicUrl: string | undefined;
};

/** The row of a `Host` header's brand. A header with a port is fine. */
export async function rowOf(ctx: Pick<Context, 'db'>, host: string): Promise<BrandRow> {
  return (await findBrand(ctx.db, hostName(host))) ?? FALLBACK;
}

/**
 * How the installation shows itself under a host name; without one, as its default brand. For mails and the like; only
 * a host that came with the request itself or from a trusted proxy may be given (`request.host`).
 */
export async function brandOf(ctx: Pick<Context, 'db' | 'config'>, host = ''): Promise<BrandFace> {
  const row = await rowOf(ctx, host);
  const { branding_title: title, branding_logo: logo, branding_favicon: favicon, domain } = row;
  const light = (url: string): string => themedUrls(url)?.light ?? url;
  const text = row.default ? 'Default brand' : `Brand ${domain}`;
  return { title, logo: light(logo), favicon: light(favicon), domain, text, publicUrl: ctx.config.publicUrl };
}

/** The slug of a flow of a host's brand; undefined when it has none. */
export async function brandFlow(ctx: Pick<Context, 'db'>, host: string, name: BrandFlow): Promise<string | undefined> {
  return (await rowOf(ctx, host)).flows[name];
}

function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
}

/** A text of the brand's attributes, such as `settings.locale`; empty when it is not there. */
export function settingOf(attributes: JsonObject, ...path: readonly string[]): string {
  const value = at(attributes, ['settings', ...path]);
  return typeof value === 'string' ? value : '';
}

/** Where a brand's style sheet is: the address changes with its content. */
export function stylePath(brand: string, css: string): string {
  return `/static/brands/${brand}/${createHash('sha256').update(css).digest('hex').slice(0, 32)}/style.css`;
}

function logoOf({ branding_logo: logo }: BrandRow): { logoUrl?: string; darkLogoUrl?: string } {
  // The house's own is drawn by the page, in the colours of its surroundings.
  if (logo === DEFAULT_LOGO) return {};
  const themed = themedUrls(logo);
  return themed ? { logoUrl: themed.light, darkLogoUrl: themed.dark } : { logoUrl: logo };
}

/** The brand of a request as the flows show it. */
export async function lookOf(ctx: Context, request: HttpRequest): Promise<FlowBrand> {
  const row = await rowOf(ctx, request.host);
  const { brand_uuid: uuid, branding_custom_css: css, branding_favicon: icon, flows } = row;
  return {
    page: {
      name: row.branding_title,
      ...logoOf(row),
      iconUrl: themedUrls(icon)?.light ?? icon,
      ...(css === '' ? {} : { styleUrl: stylePath(uuid, css) }),
    },
    locale: settingOf(row.attributes, 'locale'),
    background: row.branding_default_flow_background,
    flows: {
      ...(flows.flow_authentication === undefined ? {} : { authentication: flows.flow_authentication }),
      ...(flows.flow_invalidation === undefined ? {} : { invalidation: flows.flow_invalidation }),
    },
  };
}

/** The brand of a host as mails show it: a logo only if it is a picture that the reader's program can load from here. */
export async function mailLookOf(ctx: Pick<Context, 'db' | 'config'>, host: string): Promise<MailBrand> {
  const { title: name, logo, publicUrl } = await brandOf(ctx, host);
  const isOurs = logo.startsWith('/') && logo !== DEFAULT_LOGO;
  return { name, logoUrl: isOurs && publicUrl !== undefined ? `${publicUrl}${logo}` : null };
}
