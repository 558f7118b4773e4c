import { defineFeature } from '../../kernel/feature.ts';
import { ephemeralTable } from '../../kernel/backup/points.ts';
import { task } from '../../kernel/tasks/task.ts';
import { purgeSessions } from './tasks.ts';

export default defineFeature({
  name: 'sessions',
  provides: [
    task(purgeSessions),
    ephemeralTable({ table: 'session', why: 'A session that was ended must not come back.' }),
  ],
});
