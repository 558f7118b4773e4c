import { ownOrigin } from '../../../../core/flows/index.ts';
import { findTemplate, listDeliveries, queueMail } from '../../../../core/outbox/index.ts';
import type { Context } from '../../../../kernel/context.ts';
import type { Transaction } from '../../../../kernel/db/types.ts';
import { hex } from '../../../../kernel/schema/uuid.ts';
import { defineTask } from '../../../../kernel/tasks/task.ts';
import { MAIL_CAUSE } from '../mail-cause.ts';
import { SECRET_KEY, mailedSecret } from '../proof.ts';
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
  for (const { address, header, state } of await listDeliveries(tx, MAIL_CAUSE, invitation)) {
    const key = address.toLowerCase();
    if (header === 'to' && !UNREACHED.includes(state) && !used.has(key)) people.set(key, address);
  }
  return [...people.values()].toSorted();
}

type Sending = { readonly due: DueReminder; readonly base: string };

async function remind(ctx: Context, tx: Transaction, { due, base }: Sending): Promise<void> {
  const { invitation: id, occasion } = due;
  const found = await findMailable(tx, id);
  if (!found || (await whyUseless(tx, id, ctx.config.invitationsSurviveInactiveCreator)) !== undefined) return;
  const people = await peopleOf(tx, id);
  if (people.length === 0) return;
  const template = await findTemplate(ctx, TEMPLATE);
  if (!template) throw new Error(`There is no mail template ${TEMPLATE}.`);
  const { secret_hash: hash, slug, expires } = found;
  const secret: Record<string, string> = hash === null ? {} : { [SECRET_KEY]: mailedSecret(ctx, hash) };
  const query = new URLSearchParams({ itoken: id, ...secret });
  const language = await store.findLanguage(tx, id);
  const mail = {
    cause: MAIL_CAUSE,
    object: id,
    baseUrl: base,
    template,
    ...(language === '' ? {} : { language }),
    values: { url: `${base}/if/flow/${slug}/?${query.toString()}`, expires },
  };
  await queueMail(
    ctx,
    tx,
    people.map((to) => ({ ...mail, to })),
  );
  await ctx.events.record(tx, {
    action: 'invitation_reminder_sent',
    app: 'vestibule.stages.invitation',
    context: { invitation_uuid: hex(id), template: TEMPLATE, occasion, to: people },
  });
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
