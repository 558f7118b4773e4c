import { findActor } from '../../../../../core/tokens/index.ts';
import type { Context, RequestContext } from '../../../../../kernel/context.ts';
import { constraintViolation } from '../../../../../kernel/db/errors.ts';
import type { Queryable, Transaction } from '../../../../../kernel/db/types.ts';
import { Problem, parse } from '../../../../../kernel/own-api/index.ts';
import type { Json } from '../../../../../kernel/schema/types.ts';
import { defineTask } from '../../../../../kernel/tasks/task.ts';
import { Invitation } from '../../resources/invitation.ts';
import { draftInvitation, grantCreator, writeDraft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { newInvitation } from '../fields.ts';
import { permissionTo } from '../subject.ts';
import { judgeInput, lookOnce } from '../write.ts';
import type { Looks } from '../write.ts';
import * as store from './store.ts';
import { takeItemSql } from './store.ts';
import type { ImportRow, ItemRow } from './store.ts';

/** What a code and a secret are sealed for. */
export const PURPOSE = 'invitation import';
const AT_ONCE = 200;

/** Rows written at once, each in a transaction of its own: whoever commits alone waits for the disk alone. */
const PLACES = 3;

type Place = { readonly ctx: RequestContext; readonly of: ImportRow };

/** The caller as they are now: rights may have been taken away since the file was sent. */
async function contextOf(ctx: Context, of: ImportRow): Promise<RequestContext | undefined> {
  const actor = await findActor(ctx.db, of.owner);
  if (!actor?.can(permissionTo('add'))) return undefined;
  const facts = { path: '/api/vestibule/v1/invitation-imports', method: 'POST', request_id: of.id, user_agent: '' };
  return { ...ctx, actor, requestId: of.id, clientIp: of.client_ip, requestFacts: () => facts };
}

type Judged = { readonly item: ItemRow; readonly draft: Draft };
type Failed = { readonly position: number; readonly state: 'failed'; readonly errors: Json };

const failureOf = ({ position }: ItemRow, errors: readonly Json[]): Failed => ({
  position,
  state: 'failed',
  errors: [...errors],
});

function errorsOf({ errors, kind, detail }: Problem): Json[] {
  const whole = { pointer: '', code: kind.code, detail };
  return (errors.length === 0 ? [whole] : errors).map((one) => ({ ...one }));
}

/** Judges one item as a create is judged. Out: what is to be written, or what is wrong. */
async function judgeItem({ ctx }: Place, db: Queryable, { item, looks }: { item: ItemRow; looks: Looks }) {
  const read = Array.isArray(item.errors) ? item.errors : [];
  // The row as a whole could not be read.
  if (item.input === null && read.length > 0) return failureOf(item, read);
  try {
    const input = parse(newInvitation, item.input);
    const judged = await judgeInput({ ctx, db, looks }, input);
    if (judged.limits) throw new Error('Who may only invite within limits imports nothing.');
    return read.length > 0 ? failureOf(item, read) : { item, draft: draftInvitation(ctx, input, judged) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return failureOf(item, [...read, ...errorsOf(error)]);
  }
}

/** Judges items one after the other; what they have in common is looked up once. */
async function judgeItems(place: Place, db: Queryable, items: readonly ItemRow[]) {
  const looks = lookOnce({ ctx: place.ctx, db });
  const judged: Judged[] = [];
  const failed: Failed[] = [];
  for (const item of items) {
    const outcome = await judgeItem(place, db, { item, looks });
    if ('draft' in outcome) judged.push(outcome);
    else failed.push(outcome);
  }
  return { judged, failed };
}

/** Writes one invitation with what became of its item: together or not at all, and nothing when another run did it. */
async function writeItem({ ctx, of }: Place, db: Queryable | Transaction, { item, draft }: Judged): Promise<boolean> {
  const { id, code, secret } = draft;
  const secrets = ctx.vault.seal(JSON.stringify({ code, secret }), PURPOSE);
  return writeDraft({ ctx, db }, draft, (parameters) =>
    takeItemSql(parameters, { id: of.id, position: item.position, invitation: id, secrets }),
  );
}

/** The same in a transaction of its own, with what the creator is granted. */
async function writeAlone(place: Place, judged: Judged): Promise<void> {
  const { ctx } = place;
  if (!ctx.actor?.initial.has(Invitation.model)) {
    await writeItem(place, ctx.db, judged);
    return;
  }
  await ctx.db.transaction(async (tx) => {
    if (await writeItem(place, tx, judged)) await grantCreator({ ctx, tx }, judged.draft.id);
  });
}

/** Writes one; what its flow or groups have come to since it was judged is a problem of that item alone. */
async function makeOne(place: Place, judged: Judged): Promise<void> {
  const { ctx, of } = place;
  try {
    await writeAlone(place, judged);
  } catch (error) {
    if (!constraintViolation(error)) throw error;
    const { item } = judged;
    const again = await judgeItem(place, ctx.db, { item, looks: lookOnce({ ctx, db: ctx.db }) });
    if ('draft' in again) throw error;
    await store.finishItems(ctx.db, of.id, [again]);
  }
}

async function eachItem(place: Place): Promise<true> {
  const { ctx, of } = place;
  await store.noteProgress(ctx.db, of.id, 0);
  for (;;) {
    // A job that runs again goes on where it stopped.
    const items = await store.listItems(ctx.db, of.id, { after: 0, limit: AT_ONCE, waiting: true });
    if (items.length === 0) return true;
    const { judged, failed } = await judgeItems(place, ctx.db, items);
    const valid = judged.map(({ item: { position } }) => ({ position, state: 'valid' as const, errors: [] }));
    await store.finishItems(ctx.db, of.id, of.dry_run ? [...failed, ...valid] : failed);
    if (of.dry_run) continue;
    const work = judged.values();
    await Promise.all(Array.from({ length: PLACES }, () => makeRest(place, work)));
  }
}

/** Takes one after the other, until none is left. */
async function makeRest(place: Place, work: Iterable<Judged>): Promise<void> {
  for (const judged of work) await makeOne(place, judged);
}

class TakenBack extends Error {}

/** Out: false when another run of the same import is at it, which then does it all. */
async function allItems(place: Place): Promise<boolean> {
  const { ctx, of } = place;
  const failed: Failed[] = [];
  try {
    return await ctx.db.transaction(async (tx) => {
      if (!(await store.lockImport(tx, of.id))) return false;
      for (let after = 0; ;) {
        const items = await store.listItems(tx, of.id, { after, limit: AT_ONCE });
        if (items.length === 0) break;
        const seen = await judgeItems(place, tx, items);
        failed.push(...seen.failed);
        // The rest is only judged once it is known that nothing will be made.
        if (failed.length === 0) await keepItems(place, tx, seen.judged);
        after = items.at(-1)?.position ?? after;
        // On another connection: it is seen while this transaction is under way.
        await store.noteProgress(ctx.db, of.id, after);
      }
      if (failed.length > 0) throw new TakenBack();
      return true;
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
    await ctx.db.transaction(async (tx) => {
      await store.finishItems(tx, of.id, failed);
      await store.undoItems(tx, of.id);
    });
    return true;
  }
}

async function keepItems(place: Place, tx: Transaction, judged: readonly Judged[]): Promise<void> {
  const { ctx, of } = place;
  if (of.dry_run) {
    const valid = judged.map(({ item: { position } }) => ({ position, state: 'valid' as const, errors: [] }));
    await store.finishItems(tx, of.id, valid);
    return;
  }
  for (const one of judged) {
    if (await writeItem(place, tx, one)) await grantCreator({ ctx, tx }, one.draft.id);
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
    const work = of.mode === 'each' ? eachItem : allItems;
    if (await work({ ctx: own, of })) await store.finishImport(ctx.db, of.id);
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
