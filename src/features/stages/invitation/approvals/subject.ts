import { defineProblem, t } from '../../../../kernel/own-api/index.ts';
import type { Subject } from '../../../../kernel/own-api/index.ts';
import { person } from '../v1/fields.ts';
import { eyesOf } from './permission.ts';
import { STATES, findApproval, lockApproval } from './store.ts';
import type { ApprovalRow } from './store.ts';

export const TAG = 'approvals';
export const PATH = '/approvals';
export const ONE = `${PATH}/{id}`;
export const oneParams = { id: t.uuid() };

/** An approval as it is read. */
export const approvalType = t.object('Approval', {
  id: t.uuid(),
  state: t.choice(STATES),
  requested: t.dateTime(),
  user: t.object('WaitingPerson', {
    id: t.integer({ description: 'As in /api/v3/core/users/.' }),
    username: t.text({ maxLength: 150 }),
    name: t.text({ maxLength: 10_000 }),
    email: t.text({ maxLength: 254 }),
  }),
  active: t.boolean({ description: 'Whether the account can be used.' }),
  groups: t.list(t.text({ maxLength: 1000 }), { description: 'Names of the groups of the account.' }),
  roles: t.list(t.text({ maxLength: 1000 }), { description: 'Names of the roles of the account.' }),
  invitation: t.nullable(t.object('InvitationName', { id: t.uuid(), name: t.text({ maxLength: 50 }) })),
  invited_by: t.nullable(person),
  decided: t.nullable(t.dateTime()),
  decided_by: t.nullable(person),
  reason: t.text({ maxLength: 500, description: 'What who decided said of it; the person is told it too.' }),
});

/** The approval of a path, among those that the caller may decide. */
export const approval: Subject<ApprovalRow> = {
  type: approvalType,
  async load(ctx, { db, params, lock }) {
    const id = params['id'] ?? '';
    if (lock) await lockApproval(db, id);
    return findApproval(db, id, eyesOf(ctx));
  },
  represent: (_ctx, row) => row,
};

export const decidedAlready = defineProblem({
  code: 'decided_already',
  status: 409,
  title: 'Decided already',
  about: 'Somebody has approved or rejected this account; a decision is made once. Read the approval to see which.',
});
