import { ownOrigin } from '../../../../core/flows/index.ts';
import { findTemplate } from '../../../../core/outbox/index.ts';
import type { MailCause } from '../../../../core/outbox/index.ts';
import type { Context } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { parseEmail } from '../../../../kernel/schema/email.ts';
import { defineTask } from '../../../../kernel/tasks/task.ts';
import { queueMailOf } from '../mail-log.ts';
import { APPROVE } from './permission.ts';
import * as store from './store.ts';
import type { ApprovalRow, Waiting } from './store.ts';

const ASKED = 'invitation_approval';
const DECIDED = 'invitation_decision';
/** People who are told of one account. */
const MOST = 200;

/** Nobody is asked for what has been decided. */
export const askedMail: MailCause = {
  name: ASKED,
  unwanted: async ({ tx, object }) =>
    (await store.isPending(tx, object ?? '')) ? undefined : 'It has been decided, or the account is gone.',
};

export const decidedMail: MailCause = { name: DECIDED };

async function templateOf(ctx: Context, name: string) {
  const template = await findTemplate(ctx, name);
  if (!template) throw new Error(`There is no mail template ${name}.`);
  return template;
}

async function ask(
  ctx: Context,
  tx: Transaction,
  { waiting, base }: { waiting: Waiting; base: string },
): Promise<void> {
  const { id, invitation, username, name } = waiting;
  const template = await templateOf(ctx, 'approval_asked');
  const people = await store.listApprovers(tx, { permission: APPROVE, invitation: invitation ?? '', limit: MOST });
  const addresses = new Set<string>();
  const mails = people.flatMap(({ email, locale, name: approver }) => {
    const to = parseEmail(email);
    if (to === undefined || addresses.has(to.toLowerCase())) return [];
    addresses.add(to.toLowerCase());
    const values = { url: `${base}/if/approvals/${id}/`, user: { username, name }, approver };
    const language = locale === '' ? {} : { language: locale };
    return [{ cause: ASKED, object: id, baseUrl: base, template, ...language, values, to }];
  });
  await queueMailOf({ ctx, tx }, { invitation, kind: 'approval_asked', mails });
}

/** Mails those who may decide that an account waits; each once, however often it runs. */
export const tellApprovers = defineTask({
  name: 'invitation.tell-approvers',
  async run(ctx, payload) {
    const base = ownOrigin(ctx.config);
    if (typeof payload !== 'string' || !ctx.mail.configured || base === undefined) return;
    await ctx.db.transaction(async (tx) => {
      const waiting = await store.takeTelling(tx, payload);
      if (waiting) await ask(ctx, tx, { waiting, base });
    });
  },
});

type Decided = {
  readonly row: ApprovalRow;
  /** The name of the template, too. */
  readonly kind: 'approval_given' | 'approval_refused';
  readonly reason: string;
};

/** Mails the owner of an account what was decided, in the transaction of the decision; where mail can be sent. */
export async function tellOwner(ctx: Context, tx: Transaction, { row, kind, reason }: Decided): Promise<void> {
  const base = ownOrigin(ctx.config);
  const to = parseEmail(row.user.email);
  if (!ctx.mail.configured || base === undefined || to === undefined) return;
  const { username, name: shown } = row.user;
  const values = { url: `${base}/`, user: { username, name: shown || username }, reason };
  const language = row.language === '' ? {} : { language: row.language };
  const mail = { cause: DECIDED, object: row.id, baseUrl: base, template: await templateOf(ctx, kind), values, to };
  await queueMailOf({ ctx, tx }, { invitation: row.invitation?.id ?? null, kind, mails: [{ ...mail, ...language }] });
}
