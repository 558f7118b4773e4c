import type { OwnPermission } from '../../../../kernel/authz/permission.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import type { Queryable } from '../../../../kernel/db/types.ts';
import { rolePolicy } from '../../../../core/roles/index.ts';
import { findLimits } from './store.ts';
import type { LimitsRow } from './store.ts';

/** May invite within the limits of the role that grants it, and see and change what they made themselves. */
export const INVITE = 'authentik_stages_invitation.invite';

export const invitePermission: OwnPermission = {
  permission: INVITE,
  model: 'authentik_stages_invitation.invitation',
  name: 'Can invite within limits',
};

/** What somebody may do who may invite within limits. Times are seconds. */
export type Limits = {
  /** Whether any of their roles has limits. */
  readonly areSet: boolean;
  /** By id. */
  readonly flows: ReadonlyMap<string, string>;
  readonly groups: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly maxUses: number;
  readonly maxLifetime: number;
  readonly openInvitations: number;
  readonly perDay: number;
  /** null: any. */
  readonly maxAccountLifetime: number | null;
  readonly mayMail: boolean;
  readonly approval: boolean;
  readonly attributes: ReadonlySet<string>;
};

const most = (rows: readonly LimitsRow[], of: (row: LimitsRow) => number): number => Math.max(0, ...rows.map(of));

/** Of several roles everything that one of them allows; of none nothing. */
export function joinLimits(rows: readonly LimitsRow[]): Limits {
  const lives = rows.map(({ max_account_lifetime: seconds }) => (seconds === null ? null : Number(seconds)));
  return {
    areSet: rows.length > 0,
    flows: new Map(rows.flatMap(({ flows }) => flows.map(({ id, slug }) => [id, slug] as const))),
    groups: new Set(rows.flatMap(({ groups }) => groups)),
    roles: new Set(rows.flatMap(({ roles }) => roles)),
    maxUses: most(rows, (row) => row.max_uses),
    maxLifetime: most(rows, (row) => Number(row.max_lifetime)),
    openInvitations: most(rows, (row) => row.open_invitations),
    perDay: most(rows, (row) => row.per_day),
    maxAccountLifetime: lives.includes(null) ? null : Math.max(0, ...lives.filter((life) => life !== null)),
    mayMail: rows.some((row) => row.may_mail),
    approval: rows.every((row) => row.approval),
    attributes: new Set(rows.flatMap(({ attributes }) => attributes)),
  };
}

/** Whether the caller may invite within limits; who may do more may too. */
export const mayInvite = ({ actor }: Pick<RequestContext, 'actor'>): boolean => actor?.can(INVITE) === true;

const ADD = 'authentik_stages_invitation.add_invitation';
const VIEW = 'authentik_stages_invitation.view_invitation';
const CHANGE = 'authentik_stages_invitation.change_invitation';

/** Whether the caller may make an invitation at all, within limits or without. */
export const mayMake = (ctx: Pick<RequestContext, 'actor'>): boolean => ctx.actor?.can(ADD) === true || mayInvite(ctx);

/** What somebody does: makes an invitation, or changes or mails the one of that id. */
export type Doing = { readonly verb: 'make' } | { readonly verb: 'change' | 'mail'; readonly invitation: string };

/** Whether the caller may do it by their permissions over invitations. */
async function isFree({ actor }: RequestContext, db: Queryable, doing: Doing): Promise<boolean> {
  if (doing.verb === 'make') return actor?.can(ADD) === true;
  for (const permission of [VIEW, doing.verb === 'mail' ? ADD : CHANGE]) {
    if (!(await rolePolicy.mayGrant(db, actor, { permission, objectPk: doing.invitation }))) return false;
  }
  return true;
}

/** The limits within which the caller does it; undefined: by their permissions over invitations, without such limits. */
export async function limitsFor(ctx: RequestContext, db: Queryable, doing: Doing): Promise<Limits | undefined> {
  if (await isFree(ctx, db, doing)) return undefined;
  return joinLimits(await findLimits(db, INVITE, ctx.actor?.roles ?? []));
}
