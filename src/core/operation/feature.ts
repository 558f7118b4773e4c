import { afterRestore, restoreGuard } from '../../kernel/backup/points.ts';
import { diagnosis } from '../../kernel/doctor/point.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { rawRoute } from '../../kernel/http/raw-route.ts';
import { examineFlows, examineUsers } from './diagnosis.ts';
import { rootConfig } from './endpoints/config.ts';
import { adminSystem, adminSystemPost } from './endpoints/system.ts';
import { adminVersion } from './endpoints/version.ts';
import { guardUsed, noteRestore } from './restore.ts';
import { ownReference, reference } from './routes/reference.ts';

export default defineFeature({
  name: 'operation',
  provides: [
    endpoint(rootConfig),
    endpoint(adminVersion),
    endpoint(adminSystem),
    endpoint(adminSystemPost),
    rawRoute(reference),
    rawRoute(ownReference),
    restoreGuard(guardUsed),
    afterRestore(noteRestore),
    diagnosis(examineUsers),
    diagnosis(examineFlows),
  ],
});
