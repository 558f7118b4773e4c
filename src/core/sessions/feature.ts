import { defineFeature } from '../../kernel/feature.ts';
import { task } from '../../kernel/tasks/task.ts';
import { purgeSessions } from './tasks.ts';

export default defineFeature({ name: 'sessions', provides: [task(purgeSessions)] });
