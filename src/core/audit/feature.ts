import { eventRecorder } from '../../kernel/events/recorder.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { purgeEvents } from './tasks.ts';
import { recordEvent } from './store.ts';
import { task } from '../../kernel/tasks/task.ts';

export default defineFeature({ name: 'audit', provides: [eventRecorder(recordEvent), task(purgeEvents)] });
