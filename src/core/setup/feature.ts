import { defineFeature } from '../../kernel/feature.ts';
import { startStep } from '../../kernel/lifecycle.ts';
import { commitStep, usedLink } from '../flows/index.ts';
import { completeSetup } from './complete.ts';
import { firstStart } from './first-start.ts';
import { setupLink } from './used-link.ts';

export default defineFeature({
  name: 'setup',
  provides: [startStep(firstStart), commitStep(completeSetup), usedLink(setupLink)],
});
