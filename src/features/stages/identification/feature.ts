import { stage } from '../../../core/flows/index.ts';
import { eventAction } from '../../../kernel/events/action.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { IdentificationStage } from './resources/identification-stage.ts';
import { identificationStage } from './stage.ts';

export default defineFeature({
  name: 'stages/identification',
  provides: [
    resource(IdentificationStage),
    stage(identificationStage),
    eventAction({ app: 'vestibule.stages.identification', name: 'login_failed' }),
  ],
});
