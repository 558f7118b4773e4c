import { eventAction } from '../../kernel/events/action.ts';
import { ephemeralTable } from '../../kernel/backup/points.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { rawRoute } from '../../kernel/http/raw-route.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { task } from '../../kernel/tasks/task.ts';
import { exportEvents, exportUsers } from './endpoints/export.ts';
import { DataExport } from './resources/data-export.ts';
import { exportFile } from './routes/file.ts';
import { REPORTS_APP, purgeExports, writeExport } from './tasks.ts';

export default defineFeature({
  name: 'reports',
  provides: [
    resource(DataExport),
    endpoint(exportEvents),
    endpoint(exportUsers),
    rawRoute(exportFile),
    task(writeExport),
    task(purgeExports),
    eventAction({ app: REPORTS_APP, name: 'export_ready' }),
    ephemeralTable({ table: 'data_export', why: 'It is a copy of what is in the backup, and can be made again.' }),
    ephemeralTable({ table: 'data_export_part', why: 'It goes with its export.' }),
  ],
});
