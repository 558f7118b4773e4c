import { command } from '../../kernel/cli/command.ts';
import { eventAction } from '../../kernel/events/action.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { startStep } from '../../kernel/lifecycle.ts';
import { seed } from '../blueprints/index.ts';
import { commitStep, usedLink } from '../flows/index.ts';
import { completeSetup } from './complete.ts';
import { firstStart } from './first-start.ts';
import { RECOVERED, recoverCommand } from './recover.ts';
import { recoveryFlow } from './recovery-flow.ts';
import { recoveryLinkOver, useRecoveryLink } from './recovery-link.ts';
import { setupLink } from './used-link.ts';

export default defineFeature({
  name: 'setup',
  provides: [
    startStep(firstStart),
    commitStep(completeSetup),
    usedLink(setupLink),
    command(recoverCommand),
    eventAction(RECOVERED),
    seed(recoveryFlow),
    commitStep(useRecoveryLink),
    usedLink(recoveryLinkOver),
  ],
});
