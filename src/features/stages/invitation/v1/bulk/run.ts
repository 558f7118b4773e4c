import { findActor } from '../../../../../core/tokens/index.ts';
import type { Context, RequestContext } from '../../../../../kernel/context.ts';
import type { Transaction } from '../../../../../kernel/db/types.ts';
import { Problem, parse } from '../../../../../kernel/own-api/index.ts';
import { defineTask } from '../../../../../kernel/tasks/task.ts';
import { newInvitation } from '../fields.ts';
import { makeInvitation } from '../operations/create.ts';
import { permissionTo } from '../subject.ts';
import * as store from './store.ts';
import type { ImportRow, ItemRow } from './store.ts';

/** What a code and a secret are sealed for. */
export const PURPOSE = 'invitation import';
const AT_ONCE = 200;

type Outcome = Parameters<typeof store.finishItem>[2];
type Place = { readonly ctx: RequestContext; readonly of: ImportRow };

/** The caller as they are now: rights may have been taken away since the file was sent. */
async function contextOf(ctx: Context, of: ImportRow): Promise<RequestContext | undefined> {
  const actor = await findActor(ctx.db, of.owner);
  if (!actor?.can(permissionTo('add'))) return undefined;
  const facts = { path: '/api/vestibule/v1/invitation-imports', method: 'POST', request_id: of.id, user_agent: '' };
  return { ...ctx, actor, requestId: of.id, clientIp: of.client_ip, requestFacts: () => facts };
}

/** Makes one invitation. Out: what became of it; nothing is left of one that failed. */
async function makeItem({ ctx, of }: Place, tx: Transaction, { input }: ItemRow): Promise<Outcome> {
  await store.savepoint(tx, 'begin');
  try {
    const { id, code, secret } = await makeInvitation({ ctx, tx }, parse(newInvitation, input));
    await store.savepoint(tx, of.dry_run ? 'undo' : 'keep');
    if (of.dry_run) return { state: 'valid' };
    return { state: 'made', invitation: id, secrets: ctx.vault.seal(JSON.stringify({ code, secret }), PURPOSE) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await store.savepoint(tx, 'undo');
    const { errors, detail } = error;
    const whole = { pointer: '', code: error.kind.code, detail };
    return { state: 'failed', errors: (errors.length === 0 ? [whole] : errors).map((one) => ({ ...one })) };
  }
}

async function eachItem(place: Place): Promise<void> {
  const { ctx, of } = place;
  await store.noteProgress(ctx.db, of.id, 0);
  for (;;) {
    const items = await store.listItems(ctx.db, of.id, { after: 0, limit: AT_ONCE, waiting: true });
    if (items.length === 0) return;
    for (const item of items) {
      const { position } = item;
      // With its outcome in one transaction: a job that runs again goes on where it stopped.
      await ctx.db.transaction(async (tx) =>
        store.finishItem(tx, { id: of.id, position }, await makeItem(place, tx, item)),
      );
    }
  }
}

class TakenBack extends Error {}

async function allItems(place: Place): Promise<void> {
  const { ctx, of } = place;
  const failed = new Map<number, Outcome>();
  try {
    await ctx.db.transaction(async (tx) => {
      for (let after = 0; ;) {
        const items = await store.listItems(tx, of.id, { after, limit: AT_ONCE });
        for (const item of items) {
          const outcome = await makeItem(place, tx, item);
          if (outcome.state === 'failed') failed.set(item.position, outcome);
          else await store.finishItem(tx, { id: of.id, position: item.position }, outcome);
          after = item.position;
        }
        if (items.length === 0) break;
        // On another connection: it is seen while this transaction is under way.
        await store.noteProgress(ctx.db, of.id, after);
      }
      if (failed.size > 0) throw new TakenBack();
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
    await ctx.db.transaction(async (tx) => {
      for (const [position, outcome] of failed) await store.finishItem(tx, { id: of.id, position }, outcome);
      await store.undoItems(tx, of.id);
    });
  }
}

/** Makes the invitations of an import. */
export const importInvitations = defineTask({
  name: 'invitation.import',
  async run(ctx, payload) {
    const of = typeof payload === 'string' ? await store.findImport(ctx.db, payload) : undefined;
    if (!of || of.state === 'done' || of.state === 'failed') return;
    const own = await contextOf(ctx, of);
    if (!own) {
      await store.finishImport(ctx.db, of.id, 'Who sent it may not make invitations any more.');
      return;
    }
    await (of.mode === 'each' ? eachItem({ ctx: own, of }) : allItems({ ctx: own, of }));
    await store.finishImport(ctx.db, of.id);
  },
});

/** Forgets the codes and links of yesterday's imports, and the imports of last month. */
export const purgeImports = defineTask({
  name: 'invitation.purge-imports',
  schedule: '41 * * * *',
  async run({ db }) {
    await store.purgeImports(db);
  },
});
