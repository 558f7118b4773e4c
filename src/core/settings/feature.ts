import { diagnosis } from '../../kernel/doctor/point.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { startStep } from '../../kernel/lifecycle.ts';
import { checkSecretKey, examineSecretKey } from './secret-key-check.ts';

export default defineFeature({ name: 'settings', provides: [startStep(checkSecretKey), diagnosis(examineSecretKey)] });
