import { defineFeature } from '../../kernel/feature.ts';
import { readinessCheck, startStep } from '../../kernel/lifecycle.ts';
import { missingSeeds, seedStep } from './apply.ts';
import { seed } from './seed.ts';
import { defaultFlows } from './seeds/default-flows.ts';

export default defineFeature({
  name: 'blueprints',
  provides: [seed(defaultFlows), startStep(seedStep), readinessCheck({ name: 'seeds', check: missingSeeds })],
});
