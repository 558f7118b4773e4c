import { diagnosis } from '../../kernel/doctor/point.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { secretKeyGuard, startStep } from '../../kernel/lifecycle.ts';
import { checkSecretKey, examineSecretKey, guardSecretKey } from './secret-key-check.ts';

export default defineFeature({
  name: 'settings',
  provides: [secretKeyGuard(guardSecretKey), startStep(checkSecretKey), diagnosis(examineSecretKey)],
});
