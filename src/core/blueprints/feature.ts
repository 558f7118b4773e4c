import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { readinessCheck, startStep } from '../../kernel/lifecycle.ts';
import { missingSeeds, seedStep } from './apply.ts';
import { exportEndpoint } from './endpoints/export.ts';
import { seed } from './seed.ts';
import { defaultBrand } from './seeds/default-brand.ts';
import { defaultFlows } from './seeds/default-flows.ts';

export default defineFeature({
  name: 'blueprints',
  provides: [
    seed(defaultFlows),
    seed(defaultBrand),
    endpoint(exportEndpoint),
    startStep(seedStep),
    readinessCheck({ name: 'seeds', check: missingSeeds }),
  ],
});
