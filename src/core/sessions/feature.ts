import { defineFeature } from '../../kernel/feature.ts';
import { ephemeralTable } from '../../kernel/backup/points.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { task } from '../../kernel/tasks/task.ts';
import { AuthenticatedSession } from './resources/authenticated-session.ts';
import { purgeSessions } from './tasks.ts';

export default defineFeature({
  name: 'sessions',
  provides: [
    resource(AuthenticatedSession),
    task(purgeSessions),
    ephemeralTable({ table: 'session', why: 'A session that was ended must not come back.' }),
  ],
});
