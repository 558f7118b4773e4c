import type { Contribution } from '../../../../kernel/feature.ts';
import { ownOperation } from '../../../../kernel/own-api/index.ts';
import { task } from '../../../../kernel/tasks/task.ts';
import { importOperations } from './bulk/operations.ts';
import { importInvitations, purgeImports } from './bulk/run.ts';
import { patchInvitation } from './operations/change.ts';
import { createInvitation } from './operations/create.ts';
import { listInvitationDeliveries } from './deliveries/list.ts';
import { listInvitationEvents } from './operations/events.ts';
import { exportCsv, exportJson } from './operations/export.ts';
import { extendInvitation } from './operations/extend.ts';
import { listAll } from './operations/list.ts';
import { qrPng, qrSvg } from './operations/qr.ts';
import { readInvitation } from './operations/read.ts';
import { resendInvitation } from './operations/resend.ts';
import { revokeInvitation } from './operations/revoke.ts';
import { rotateInvitation } from './operations/rotate.ts';
import { sendInvitation } from './operations/send.ts';
import { listInvitationUses } from './operations/uses.ts';
import { readStatistics } from './statistics/read.ts';

/** Invitations in the own API. */
export const ownInvitations: readonly Contribution[] = [
  ...[
    listAll,
    createInvitation,
    readInvitation,
    patchInvitation,
    revokeInvitation,
    extendInvitation,
    rotateInvitation,
    sendInvitation,
    resendInvitation,
    listInvitationDeliveries,
    listInvitationUses,
    listInvitationEvents,
    qrSvg,
    qrPng,
    exportJson,
    exportCsv,
    readStatistics,
    ...importOperations,
  ].map((one) => ownOperation(one)),
  task(importInvitations),
  task(purgeImports),
];
