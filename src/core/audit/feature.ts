import { eventAction } from '../../kernel/events/action.ts';
import { CHANGE_APP, changeLog } from '../../kernel/events/change-log.ts';
import { eventRecorder } from '../../kernel/events/recorder.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { task } from '../../kernel/tasks/task.ts';
import { auditedChanges } from './change-log.ts';
import { actions } from './endpoints/actions.ts';
import { stats } from './endpoints/stats.ts';
import { topPerUser } from './endpoints/top-per-user.ts';
import { volume } from './endpoints/volume.ts';
import { createEvents } from './record.ts';
import { Event } from './resources/event.ts';
import { purgeEvents } from './tasks.ts';

export default defineFeature({
  name: 'audit',
  provides: [
    eventRecorder(createEvents),
    changeLog(auditedChanges),
    eventAction({ app: CHANGE_APP, name: 'model_created' }),
    eventAction({ app: CHANGE_APP, name: 'model_updated' }),
    eventAction({ app: CHANGE_APP, name: 'model_deleted' }),
    resource(Event),
    endpoint(actions),
    endpoint(stats),
    endpoint(topPerUser),
    endpoint(volume),
    task(purgeEvents),
  ],
});
