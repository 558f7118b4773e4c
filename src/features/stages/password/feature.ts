import { stage, userSettings } from '../../../core/flows/index.ts';
import { eventAction } from '../../../kernel/events/action.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { PasswordStage } from './resources/password-stage.ts';
import { passwordStage } from './stage.ts';
import { passwordSettings } from './user-settings.ts';

export default defineFeature({
  name: 'stages/password',
  provides: [
    resource(PasswordStage),
    stage(passwordStage),
    userSettings(passwordSettings),
    eventAction({ app: 'vestibule.stages.password', name: 'login_failed' }),
  ],
});
