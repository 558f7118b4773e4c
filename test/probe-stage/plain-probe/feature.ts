import { stage } from '../../../src/core/flows/index.ts';
import { defineFeature } from '../../../src/kernel/feature.ts';
import { resource } from '../../../src/kernel/resource/resource.ts';
import { PlainProbeStage } from './resources/plain-probe-stage.ts';
import { plainProbeStage } from './stage.ts';

export default defineFeature({
  name: 'stages/plain-probe',
  provides: [resource(PlainProbeStage), stage(plainProbeStage)],
});
