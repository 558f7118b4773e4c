import { ownOrigin } from '../../../../core/flows/index.ts';
import { findTemplate, listLastDeliveries } from '../../../../core/outbox/index.ts';
import type { Context } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { defineTask } from '../../../../kernel/tasks/task.ts';
import { tellInvitation } from '../events.ts';
import { MAIL_CAUSE, mailedPath } from '../mail-cause.ts';
import { queueMailOf } from '../mail-log.ts';
import { findMailable, whyUseless } from '../store.ts';
import * as store from './store.ts';
import type { DueReminder } from './store.ts';

/** Reminders are mails of the same cause: what keeps an invitation from being sent keeps them too. */
export const TEMPLATE = 'invitation_reminder';
const BATCH = 100;
const UNREACHED = ['failed', 'cancelled'];

/** To whom the invitation was mailed by name, as far as it reached them, and who has not used it. */
async function peopleOf(tx: Transaction, invitation: string): Promise<string[]> {
  const used = await store.listUsers(tx, invitation);
  const people = new Map<string, string>();
  for (const { address, header, state } of await listLastDeliveries(tx, { cause: MAIL_CAUSE, object: invitation })) {
    const key = address.toLowerCase();
    if (header === 'to' && !UNREACHED.includes(state) && !used.has(key)) people.set(key, address);
  }
  return [...people.values()].toSorted();
}

type Sending = { readonly due: DueReminder; readonly base: string };

async function remind(ctx: Context, tx: Transaction, { due, base }: Sending): Promise<void> {
  const { invitation: id, occasion } = due;
  const found = await findMailable(tx, id);
  if (!found?.slug || (await whyUseless(tx, id, ctx.config.invitationsSurviveInactiveCreator)) !== undefined) return;
  const people = await peopleOf(tx, id);
  if (people.length === 0) return;
  const template = await findTemplate(ctx, TEMPLATE);
  if (!template) throw new Error(`There is no mail template ${TEMPLATE}.`);
  const { slug, language, expires } = found;
  const mail = {
    cause: MAIL_CAUSE,
    object: id,
    baseUrl: base,
    template,
    ...(language === '' ? {} : { language }),
    values: { url: `${base}${mailedPath(ctx, slug, found)}`, expires },
  };
  const mails = people.map((to) => ({ ...mail, to }));
  await queueMailOf({ ctx, tx }, { invitation: id, kind: TEMPLATE, mails });
  const context = { template: TEMPLATE, occasion, to: people };
  await tellInvitation({ ctx, tx }, 'invitation_reminder_sent', { id, context });
}

/**
 * Sends the reminders whose time has come: each once, while the invitation is pending. Without a mail server, or an
 * address of ours to link to, they wait.
 */
export const remindInvited = defineTask({
  name: 'invitation.remind',
  schedule: '* * * * *',
  async run(ctx) {
    const base = ownOrigin(ctx.config);
    if (!ctx.mail.configured || base === undefined) return;
    for (let due = await list(ctx); due.length > 0; due = due.length < BATCH ? [] : await list(ctx)) {
      for (const one of due) {
        await ctx.db.transaction(async (tx) => {
          if (await store.take(tx, one)) await remind(ctx, tx, { due: one, base });
        });
      }
    }
  },
});

const list = ({ db, config }: Context): Promise<DueReminder[]> =>
  store.listDue(db, config.invitationsSurviveInactiveCreator, BATCH);
