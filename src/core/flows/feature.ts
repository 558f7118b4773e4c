import { eventAction } from '../../kernel/events/action.ts';
import { ephemeralTable } from '../../kernel/backup/points.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { missingPage } from '../../kernel/http/missing-page.ts';
import { rawRoute } from '../../kernel/http/raw-route.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { task } from '../../kernel/tasks/task.ts';
import { cacheClear } from './endpoints/cache-clear.ts';
import { cacheInfo } from './endpoints/cache-info.ts';
import { diagram } from './endpoints/diagram.ts';
import { execute } from './endpoints/execute.ts';
import { executorGet, executorSolve } from './endpoints/executor.ts';
import { stageTypes } from './endpoints/stage-types.ts';
import { userSettingsList } from './endpoints/user-settings.ts';
import { FlowStageBinding } from './resources/flow-stage-binding.ts';
import { Flow } from './resources/flow.ts';
import { Stage } from './resources/stage.ts';
import { assetFiles } from './routes/assets.ts';
import { cancelFlow, defaultFlow } from './routes/default-flow.ts';
import { home, userPage } from './routes/home.ts';
import { nothingHere } from './routes/missing.ts';
import { flowPage } from './routes/page.ts';
import { purgeFlows } from './tasks.ts';

export default defineFeature({
  name: 'flows',
  provides: [
    resource(Flow),
    resource(Stage),
    resource(FlowStageBinding),
    endpoint(cacheInfo),
    endpoint(cacheClear),
    endpoint(diagram),
    endpoint(execute),
    endpoint(executorGet),
    endpoint(executorSolve),
    endpoint(stageTypes),
    endpoint(userSettingsList),
    rawRoute(flowPage),
    rawRoute(defaultFlow),
    rawRoute(cancelFlow),
    rawRoute(home),
    rawRoute(userPage),
    rawRoute(assetFiles),
    missingPage(nothingHere),
    task(purgeFlows),
    ephemeralTable({ table: 'flow_token', why: 'A link that was used must not come back.' }),
    ephemeralTable({ table: 'flow_plan_cache', why: 'It is made anew.' }),
    eventAction({ app: 'vestibule.flows', name: 'system_exception' }),
  ],
});
