import { ephemeralTable } from '../../kernel/backup/points.ts';
import { eventAction } from '../../kernel/events/action.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { task } from '../../kernel/tasks/task.ts';
import { LIMIT_HIT } from './refused.ts';
import { purgeLimits } from './tasks.ts';

export default defineFeature({
  name: 'limits',
  provides: [
    task(purgeLimits),
    eventAction(LIMIT_HIT),
    ephemeralTable({ table: 'limit_window', why: 'It is counted anew.' }),
  ],
});
