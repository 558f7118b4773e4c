import { findOf } from '../seed.ts';
import type { Seed } from '../seed.ts';

const flowOf = (slug: string): string => findOf('authentik_flows.flow', 'slug', slug);

/** The brand of every host that has none of its own. */
export const defaultBrand: Seed = {
  name: 'default-brand',
  entries: [
    {
      model: 'authentik_brands.brand',
      attrs: {
        domain: 'authentik-default',
        default: true,
        flow_authentication: flowOf('default-authentication-flow'),
        flow_invalidation: flowOf('default-invalidation-flow'),
      },
    },
  ],
};
