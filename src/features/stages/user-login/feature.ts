import { stage } from '../../../core/flows/index.ts';
import { defineFeature } from '../../../kernel/feature.ts';
import { resource } from '../../../kernel/resource/resource.ts';
import { UserLoginStage } from './resources/user-login-stage.ts';
import { userLoginStage } from './stage.ts';

export default defineFeature({
  name: 'stages/user-login',
  provides: [resource(UserLoginStage), stage(userLoginStage)],
});
