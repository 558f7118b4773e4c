import { defineRead } from '../../../../../kernel/own-api/index.ts';
import { approvers } from '../permission.ts';
import { ONE, TAG, approval, approvalType, oneParams } from '../subject.ts';

/** GET /approvals/{id} */
export const readApproval = defineRead({
  operationId: 'readApproval',
  path: ONE,
  tag: TAG,
  summary: 'Read an approval',
  access: approvers,
  params: oneParams,
  subject: approval,
  responses: { 200: approvalType },
  handle: (_ctx, { object }) => ({ value: object, represents: object }),
});
