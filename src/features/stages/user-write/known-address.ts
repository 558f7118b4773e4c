import { ownOrigin } from '../../../core/flows/index.ts';
import type { RefusedName } from '../../../core/flows/index.ts';
import { countRecent } from '../../../core/outbox/index.ts';
import type { MailCause } from '../../../core/outbox/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { parseEmail } from '../../../kernel/schema/email.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json } from '../../../kernel/schema/types.ts';
import { defineTask, enqueueAlone } from '../../../kernel/tasks/task.ts';
import { mailOwner } from './owner-mail.ts';
import { findOwner, findOwnerId, findOwnerOfAddress } from './store.ts';
import type { Owner } from './store.ts';

const TEMPLATE = 'address_known';
const DAY_SECONDS = 86_400;

export const knownAddressMail: MailCause = { name: 'known_address' };

async function tell(ctx: Context, tx: Transaction, { owner, base }: { owner: Owner; base: string }): Promise<void> {
  const to = parseEmail(owner.email);
  if (to === undefined) return;
  const recent = { cause: knownAddressMail.name, address: to, seconds: DAY_SECONDS };
  if ((await countRecent(tx, recent)) > 0) return;
  await mailOwner(ctx, tx, { cause: knownAddressMail, template: TEMPLATE, to, base, owner });
}

/**
 * Mails the owner of an address that was given for another account (T24), at most once a day. A task, so that whoever
 * gave it waits as long for a taken address as for a free one; it names the account, and no address lies in the queue.
 */
export const tellKnownAddress = defineTask({
  name: 'user_write.known-address',
  async run(ctx, payload) {
    const base = ownOrigin(ctx.config);
    if (!ctx.mail.configured || base === undefined) return;
    await ctx.db.transaction(async (tx) => {
      const owner = await ownerOf(tx, payload);
      if (owner) await tell(ctx, tx, { owner, base });
    });
  },
});

/** A number: the account for which somebody else's address was given; `owner`: the account whose address was given. */
async function ownerOf(tx: Transaction, payload: Json): Promise<Owner | undefined> {
  if (typeof payload === 'number') return findOwnerOfAddress(tx, payload);
  const owner = isJsonObject(payload) ? payload['owner'] : undefined;
  return typeof owner === 'number' ? findOwner(tx, owner) : undefined;
}

/**
 * The same for an address that was typed as a username and refused: by whatever account has it as its name, its owner is told.
 * One job of an account waits at a time, since a form may be sent often; one of nobody is as dear (T24).
 */
export const knownAddressAsName: RefusedName = {
  name: 'known-address',
  async tell(ctx, username) {
    if (!ctx.mail.configured || !username.includes('@')) return;
    const owner = (await findOwnerId(ctx.db, username)) ?? 0;
    await enqueueAlone(ctx.db, tellKnownAddress, { payload: { owner }, key: `known-address:${owner}` });
  },
};
