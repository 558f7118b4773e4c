import type { Queryable } from '../../kernel/db/types.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { FLOWS } from './defaults.ts';
import type { BrandFlow } from './defaults.ts';
import { domainsOf } from './host.ts';

/** A brand as it was chosen for a request, with the slugs of its flows. */
export type BrandRow = {
  readonly brand_uuid: string;
  readonly domain: string;
  readonly default: boolean;
  readonly branding_title: string;
  readonly branding_logo: string;
  readonly branding_favicon: string;
  readonly branding_custom_css: string;
  readonly branding_default_flow_background: string;
  readonly branding_map_tiles: string;
  readonly attributes: JsonObject;
  /** `flow_…` → slug; those that are set. */
  readonly flows: { readonly [name in BrandFlow]?: string };
};

/**
 * What follows `from brand b`: the brand of a host. In: SQL of the domains that it may have, a text[] of lower case; of
 * null there is none. The longest one is the exact one, if there is one; the default brand takes what is left.
 */
export const chosenSql = (domains: string): string => `
  where ${domains} is not null and (lower(b.domain) = any(${domains}) or b."default")
  order by lower(b.domain) = any(${domains}) desc, length(b.domain) desc limit 1`;

const CHOSEN = `
  select b.brand_uuid, b.domain, b."default", b.branding_title, b.branding_logo, b.branding_favicon,
    b.branding_custom_css, b.branding_default_flow_background, b.branding_map_tiles, b.attributes,
    (select coalesce(jsonb_object_agg(k.name, f.slug), '{}')
      from (values ${FLOWS.map((name) => `('${name}', b.${name})`).join(', ')}) k(name, flow)
      join flow f on f.flow_uuid = k.flow) as flows
  from brand b ${chosenSql('$1::text[]')}`;

/** The brand of a host name (lower case, without port); the default one for a name that none has. */
export async function findBrand(db: Queryable, host: string): Promise<BrandRow | undefined> {
  const [row] = await db.query<BrandRow>(CHOSEN, [domainsOf(host)], { brief: true });
  return row;
}

/** Whether another brand is the default one already. */
export async function hasOtherDefault(db: Queryable, uuid: string | undefined): Promise<boolean> {
  const text = 'select 1 from brand where "default" and brand_uuid is distinct from $1::uuid';
  return (await db.query(text, [uuid ?? null])).length > 0;
}

/** The style sheet of a brand; undefined when there is no such brand. */
export async function findStyles(db: Queryable, uuid: string): Promise<string | undefined> {
  const text = 'select branding_custom_css as css from brand where brand_uuid = $1::uuid';
  const [row] = await db.query<{ css: string }>(text, [uuid]);
  return row?.css;
}
