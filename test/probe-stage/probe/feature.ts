import { stage } from '../../../src/core/flows/index.ts';
import { command } from '../../../src/kernel/cli/command.ts';
import { eventAction } from '../../../src/kernel/events/action.ts';
import { defineFeature } from '../../../src/kernel/feature.ts';
import { resource } from '../../../src/kernel/resource/resource.ts';
import { task } from '../../../src/kernel/tasks/task.ts';
import { probeAnswers } from './cli.ts';
import { ProbeStage } from './resources/probe-stage.ts';
import { probeStage } from './stage.ts';
import { countAnswers } from './tasks.ts';

export default defineFeature({
  name: 'stages/probe',
  provides: [
    resource(ProbeStage),
    stage(probeStage),
    task(countAnswers),
    command(probeAnswers),
    eventAction({ app: 'vestibule.stages.probe', name: 'probe_answered' }),
  ],
});
