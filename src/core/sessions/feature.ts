import { defineFeature } from '../../kernel/feature.ts';
import { ephemeralTable } from '../../kernel/backup/points.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { task } from '../../kernel/tasks/task.ts';
import { bulkDelete } from './endpoints/bulk-delete.ts';
import { impersonate } from './endpoints/impersonate.ts';
import { impersonateEnd } from './endpoints/impersonate-end.ts';
import { sessionEvents } from './events.ts';
import { AuthenticatedSession } from './resources/authenticated-session.ts';
import { purgeSessions } from './tasks.ts';

export default defineFeature({
  name: 'sessions',
  provides: [
    resource(AuthenticatedSession),
    endpoint(bulkDelete),
    endpoint(impersonate),
    endpoint(impersonateEnd),
    ...sessionEvents,
    task(purgeSessions),
    ephemeralTable({ table: 'session', why: 'A session that was ended must not come back.' }),
  ],
});
