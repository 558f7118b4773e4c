import { defineFeature } from '../../kernel/feature.ts';
import { startStep } from '../../kernel/lifecycle.ts';
import { commitStep } from '../flows/index.ts';
import { completeSetup } from './complete.ts';
import { firstStart } from './first-start.ts';

export default defineFeature({ name: 'setup', provides: [startStep(firstStart), commitStep(completeSetup)] });
