import { offer } from '../../../../core/flows/index.ts';
import { mailCause } from '../../../../core/outbox/index.ts';
import { signInBar } from '../../../../core/users/index.ts';
import { ownPermission } from '../../../../kernel/authz/permission.ts';
import type { Contribution } from '../../../../kernel/feature.ts';
import { rawRoute } from '../../../../kernel/http/raw-route.ts';
import { ownOperation } from '../../../../kernel/own-api/index.ts';
import { task } from '../../../../kernel/tasks/task.ts';
import { approvalBar } from './bar.ts';
import { approveAccount, rejectAccount } from './operations/decide.ts';
import { listAllApprovals } from './operations/list.ts';
import { readApproval } from './operations/read.ts';
import { approvalPage, approvalsOffer, approvalsPage } from './page.ts';
import { approvePermission } from './permission.ts';
import { askedMail, decidedMail, tellApprovers } from './tell.ts';

/** Accounts that wait for somebody's approval: who decides, how, and who is told. */
export const approvals: readonly Contribution[] = [
  ownPermission(approvePermission),
  ...[listAllApprovals, readApproval, approveAccount, rejectAccount].map((one) => ownOperation(one)),
  rawRoute(approvalsPage),
  rawRoute(approvalPage),
  offer(approvalsOffer),
  signInBar(approvalBar),
  task(tellApprovers),
  mailCause(askedMail),
  mailCause(decidedMail),
];
