import { stage } from '../../../core/flows/index.ts';
import { eventAction } from '../../../kernel/events/action.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { UserLogoutStage } from './resources/user-logout-stage.ts';
import { userLogoutStage } from './stage.ts';

export default defineFeature({
  name: 'stages/user-logout',
  provides: [
    resource(UserLogoutStage),
    stage(userLogoutStage),
    eventAction({ app: 'vestibule.stages.user_logout', name: 'logout' }),
  ],
});
