import { eventRecorder } from '../../kernel/events/recorder.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { task } from '../../kernel/tasks/task.ts';
import { createEvents } from './record.ts';
import { purgeEvents } from './tasks.ts';

export default defineFeature({ name: 'audit', provides: [eventRecorder(createEvents), task(purgeEvents)] });
