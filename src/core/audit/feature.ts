import { ephemeralTable } from '../../kernel/backup/points.ts';
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
import { indexEvents, purgeEvents } from './tasks.ts';

/** Where a restore finds nothing, all events are taken in anew. */
const INDEX_TABLES = [
  'event_unindexed',
  'event_search_state',
  'event_search_segment',
  'event_search_block',
  'event_search_slice',
];

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
    task(indexEvents),
    ...INDEX_TABLES.map((table) => ephemeralTable({ table, why: 'It is made anew from the events.' })),
  ],
});
