import { defineFeature } from '../../kernel/feature.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { PolicyBinding } from './resources/policy-binding.ts';
import { Policy, PolicyTarget } from './resources/policy.ts';

export default defineFeature({
  name: 'policies',
  provides: [resource(Policy), resource(PolicyTarget), resource(PolicyBinding)],
});
