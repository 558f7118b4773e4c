import { stage } from '../../../core/flows/index.ts';
import { eventAction } from '../../../kernel/events/action.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { UserLoginStage } from './resources/user-login-stage.ts';
import { userLoginStage } from './stage.ts';

export default defineFeature({
  name: 'stages/user-login',
  provides: [
    resource(UserLoginStage),
    stage(userLoginStage),
    eventAction({ app: 'vestibule.stages.user_login', name: 'login' }),
  ],
});
