import { rolePolicy } from '../../../../../core/roles/index.ts';
import type { RequestContext } from '../../../../../kernel/context.ts';
import type { Transaction } from '../../../../../kernel/db/types.ts';
import {
  Problem,
  defineChange,
  defineRead,
  holders,
  invalidFields,
  pageType,
  paging,
  problems,
  readPage,
  t,
} from '../../../../../kernel/own-api/index.ts';
import type { Subject, ValueProblem } from '../../../../../kernel/own-api/index.ts';
import { refusedGifts } from '../../v1/rights.ts';
import { findFlow } from '../../v1/store.ts';
import { permissionTo } from '../../v1/subject.ts';
import { limitsInput, limitsOf, limitsType, representLimits } from '../fields.ts';
import type { LimitsInput } from '../fields.ts';
import { INVITE } from '../limits.ts';
import * as store from '../store.ts';
import type { LimitsRow } from '../store.ts';
import { tellLimits } from '../tell.ts';

const TAG = 'inviter-roles';
const PATH = '/inviter-roles';
const ONE = `${PATH}/{role}`;
const params = { role: t.uuid() };

const readers = holders('authentik_rbac.view_role');
// Who says what others may invite may do all of that, and may shape the role.
const setters = holders('authentik_rbac.change_role', permissionTo('add'));

const limits: Subject<LimitsRow> = {
  type: limitsType,
  async load(_ctx, { db, params: { role = '' }, lock }) {
    if (lock) await store.lockRole(db, role);
    return store.findRole(db, INVITE, role);
  },
  represent: (_ctx, row) => representLimits(row),
};

/** GET /inviter-roles */
export const listInviterRoles = defineRead({
  operationId: 'listInviterRoles',
  path: PATH,
  tag: TAG,
  summary: 'List the roles with limits for inviters',
  access: readers,
  query: paging,
  responses: { 200: pageType('InviterRoleList', limitsType) },
  async handle(ctx, { query }) {
    const { items, next } = await readPage(
      ctx,
      { scope: 'inviter roles', ...query },
      {
        find: ({ after = [], limit }) => store.listRoles(ctx.db, INVITE, { after: after[0], limit }),
        place: ({ role }) => [role],
      },
    );
    return { value: { items: items.map(representLimits), next } };
  },
});

/** GET /inviter-roles/{role} */
export const readInviterRole = defineRead({
  operationId: 'readInviterRole',
  path: ONE,
  tag: TAG,
  summary: 'Read the limits of a role',
  access: readers,
  params,
  subject: limits,
  responses: { 200: limitsType },
  handle(_ctx, { object }) {
    const shown = representLimits(object);
    return { value: shown, represents: shown };
  },
});

type Place = { readonly ctx: RequestContext; readonly tx: Transaction };

async function flowsOf({ tx }: Place, { flows }: LimitsInput): Promise<{ ids: string[]; errors: ValueProblem[] }> {
  const ids: string[] = [];
  const errors: ValueProblem[] = [];
  for (const [at, text] of flows.entries()) {
    const flow = await findFlow(tx, text);
    if (!flow) errors.push({ pointer: `/flows/${at}`, code: 'not_found', detail: 'There is no such flow.' });
    else ids.push(flow.id);
  }
  return { ids, errors };
}

async function mayShape({ ctx, tx }: Place, role: string): Promise<void> {
  if (!(await store.lockRole(tx, role))) throw new Problem(problems.notFound);
  if (!(await rolePolicy.mayShape(tx, ctx.actor, role))) throw new Problem(problems.forbidden);
}

/** PUT /inviter-roles/{role} */
export const putInviterRole = defineChange({
  operationId: 'putInviterRole',
  method: 'PUT',
  path: ONE,
  tag: TAG,
  summary: 'Set the limits of a role',
  description: `Says what people may invite who have ${INVITE} by this role. It does not give the role the permission.`,
  access: setters,
  params,
  subject: limits,
  makes: true,
  body: limitsInput,
  responses: { 200: limitsType },
  async handle(ctx, { tx, params: { role = '' }, body }) {
    await mayShape({ ctx, tx }, role);
    const { ids, errors } = await flowsOf({ ctx, tx }, body);
    // Nobody lets others give what they may not give themselves (A23).
    const found = [...errors, ...(await refusedGifts(ctx, tx, body))];
    if (found.length > 0) throw invalidFields(found);
    await store.putLimits(tx, role, limitsOf(body, ids));
    const row = await store.findRole(tx, INVITE, role);
    if (!row) throw new Error('The limits are gone.');
    const shown = representLimits(row);
    await tellLimits({ ctx, tx }, { role, verb: 'set' });
    return { value: shown, represents: shown };
  },
});

/** DELETE /inviter-roles/{role} */
export const deleteInviterRole = defineChange({
  operationId: 'deleteInviterRole',
  method: 'DELETE',
  path: ONE,
  tag: TAG,
  summary: 'Take the limits of a role away',
  description: 'Who may invite by this role may invite nobody then. What they made stays as it is.',
  access: setters,
  params,
  subject: limits,
  responses: { 204: null },
  async handle(ctx, { tx, object: { role } }) {
    await mayShape({ ctx, tx }, role);
    await store.deleteLimits(tx, role);
    await tellLimits({ ctx, tx }, { role, verb: 'deleted' });
    return {};
  },
});
