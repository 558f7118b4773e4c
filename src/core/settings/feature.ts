import { defineFeature } from '../../kernel/feature.ts';
import { startStep } from '../../kernel/lifecycle.ts';
import { checkSecretKey } from './secret-key-check.ts';

export default defineFeature({ name: 'settings', provides: [startStep(checkSecretKey)] });
