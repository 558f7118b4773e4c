import type { Actor } from '../authz/actor.ts';
import { objectGrants } from '../authz/object-grants.ts';
import type { RequestContext } from '../context.ts';
import { constraintViolation, isOverdue } from '../db/errors.ts';
import { giveTime } from '../db/give-time.ts';
import type { Parameter, Transaction } from '../db/types.ts';
import { ApiError, ValidationError } from '../errors/api-error.ts';
import type { FieldFaults } from '../errors/api-error.ts';
import { noMatch } from '../errors/catalogue.ts';
import type { ParsedJson } from '../schema/json.ts';
import type { ChangeParts } from '../events/change-log.ts';
import { changeLogOf, originOf } from './change-sql.ts';
import { checkShape, NON_FIELD } from './check.ts';
import { checkStored, checkViolation, uniqueViolation } from './check-stored.ts';
import { messages } from './messages.ts';
import { keyValue } from './model.ts';
import type { Model } from './model.ts';
import type { Change, Row } from './resource.ts';
import type { Fields } from './field.ts';
import * as store from './store.ts';
import { describe, tellChange } from './tell.ts';
import { withDefaults, writeOf } from './write-sql.ts';
import type { Write } from './write-sql.ts';

type Input = Record<string, unknown>;
type Place = { readonly ctx: RequestContext; readonly model: Model };

/** The body of a write and the detail URL's value of the row to change; none at creation. */
export type WriteRequest = { readonly body: ParsedJson; readonly value?: Parameter; readonly partial?: boolean };

const changeOf = (change: {
  tx: Transaction;
  ctx: RequestContext;
  input: Input;
  before?: Row;
  after?: Row;
}): Change<Fields> => ({
  before: undefined,
  after: undefined,
  ...change,
});

/** Checks the body; the faults that only the database knows are added to those of the fields. */
async function checkedInput(ctx: RequestContext, model: Model, request: WriteRequest): Promise<Input> {
  const checked = checkShape(model.fields, request.body, { partial: request.partial ?? false });
  if ('value' in checked) return checked.value;
  const stored =
    NON_FIELD in checked.faults && Object.keys(checked.faults).length === 1
      ? {}
      : await storedFaults(ctx, model, request);
  throw new ValidationError(inOrder(model, { ...stored, ...checked.faults }));
}

async function storedFaults(ctx: RequestContext, model: Model, request: WriteRequest): Promise<FieldFaults> {
  const good: Input = {};
  for (const [key, field] of Object.entries(model.fields)) {
    const one = checkShape({ [key]: field }, { value: request.body.value, problems: [] }, { partial: true });
    if ('value' in one) Object.assign(good, one.value);
  }
  const existing =
    request.value === undefined ? undefined : await store.findRow(ctx.db, model, { value: request.value });
  const faults = await checkStored(ctx.db, model, { raw: request.body.value, input: good, existing });
  // Sets are judged only when every field is good, as upstream does.
  return Object.fromEntries(Object.entries(faults).filter(([key]) => key !== NON_FIELD));
}

function inOrder(model: Model, faults: FieldFaults): FieldFaults {
  const ordered: Record<string, FieldFaults[string]> = {};
  for (const key of [...Object.keys(model.fields), ...Object.keys(faults)]) {
    const found = Object.hasOwn(faults, key) ? faults[key] : undefined;
    if (found) ordered[key] = found;
  }
  return ordered;
}

/** Counts the events that the statement of a change wrote with it. */
function told({ ctx, model }: Place, action: ChangeParts['action'], count = 1): void {
  if (!changeLogOf(model)) return;
  for (let at = 0; at < count; at += 1) ctx.events.told(action);
}

/** Runs a write; a constraint that it violates becomes the contract's 400. */
async function explained<T>(
  { ctx, model }: Place,
  attempt: WriteRequest & { input: Input },
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const violation = constraintViolation(error);
    if (!violation || error instanceof ApiError) throw error;
    const existing =
      attempt.value === undefined ? undefined : await store.findRow(ctx.db, model, { value: attempt.value });
    const stored = await checkStored(ctx.db, model, { raw: attempt.body.value, input: attempt.input, existing });
    if (Object.keys(stored).length > 0) throw new ValidationError(inOrder(model, stored));
    const fault = uniqueViolation(model, violation) ?? checkViolation(model, violation);
    if (fault) throw new ValidationError(fault);
    // Nothing wrong any more: another request changed what this one referred to.
    if (violation.kind === 'unique' || violation.kind === 'foreign_key') {
      throw new ValidationError({ [NON_FIELD]: [messages.changedMeanwhile] });
    }
    throw error;
  }
}

/** Whether one statement does it all. */
function isPlain({ resource, readsItself }: Model, { links }: Write): boolean {
  return !resource.validate && !readsItself && links.length === 0;
}

/** Creates a row from a request. Out: its presented form. */
export async function create(ctx: RequestContext, model: Model, request: WriteRequest): Promise<string> {
  const { resource } = model;
  const input = await checkedInput(ctx, model, request);
  const write = writeOf(model, withDefaults(model, input));
  const complete = { ...write, own: [...write.own, ...store.untyped(resource.defaults(ctx))] };
  return explained({ ctx, model }, { ...request, input }, async () => {
    const grantee = granteeOf(ctx, model);
    if (isPlain(model, write) && !resource.onCreate && !grantee) {
      const shown = await store.insertShown(ctx.db, model, { write: complete, origin: originOf(ctx) });
      told({ ctx, model }, 'model_created');
      return shown;
    }
    return ctx.db.transaction(async (tx) => {
      await resource.validate?.(input, { ctx, db: tx, existing: undefined });
      const after = await store.insertRow(tx, model, complete);
      await resource.onCreate?.(changeOf({ tx, ctx, input, after }));
      if (grantee) await grantInitial(tx, model, { grantee, row: after });
      const described = await describe(tx, model, keyValue(model, after));
      await tellChange(tx, { ctx, model }, { action: 'model_created', after: described });
      return shownByKey(tx, model, after);
    });
  });
}

/** The caller, if their roles are granted something on what they create here. */
function granteeOf({ actor }: RequestContext, { resource }: Model): Actor | undefined {
  return actor?.initial.has(resource.model) ? actor : undefined;
}

async function grantInitial(tx: Transaction, model: Model, { grantee, row }: { grantee: Actor; row: Row }) {
  const grants = model.registry.find(objectGrants, 'object-grants');
  await grants?.created(tx, grantee, { model: model.resource.model, key: keyValue(model, row) });
}

/** Changes a row from a request: PUT, or PATCH with `partial`. Out: its presented form. Throws 404. */
export async function update(
  ctx: RequestContext,
  model: Model,
  request: WriteRequest & { value: Parameter },
): Promise<string> {
  const { resource } = model;
  const input = await checkedInput(ctx, model, request);
  const write = writeOf(model, input);
  const shown = await explained({ ctx, model }, { ...request, input }, async () => {
    if (isPlain(model, write) && !resource.onUpdate) {
      const changed = await store.updateShown(ctx.db, model, { value: request.value, write, origin: originOf(ctx) });
      if (changed !== undefined) told({ ctx, model }, 'model_updated');
      return changed;
    }
    return ctx.db.transaction(async (tx) => {
      const before = await store.lockRow(tx, model, { value: request.value, to: 'change' });
      if (!before) throw noMatch(resource.name);
      const was = await describe(tx, model, keyValue(model, before));
      await resource.validate?.(input, { ctx, db: tx, existing: before });
      const after = await store.updateRow(tx, model, { value: request.value, write });
      if (!after) throw noMatch(resource.name);
      await resource.onUpdate?.(changeOf({ tx, ctx, input, before, after }));
      const is = await describe(tx, model, keyValue(model, after));
      await tellChange(tx, { ctx, model }, { action: 'model_updated', before: was, after: is });
      return shownByKey(tx, model, after);
    });
  });
  if (shown === undefined) throw noMatch(resource.name);
  return shown;
}

// Read again, by the value that detail URLs now have: hooks may have changed the row, and a slug may be new.
async function shownByKey(tx: Transaction, model: Model, row: Row): Promise<string> {
  return store.findShownByKey(tx, model, keyValue(model, row));
}

/** Deletes a row. Throws 404, and 400 while something that forbids it points at the row. */
export async function destroy(ctx: RequestContext, model: Model, value: Parameter): Promise<void> {
  const { resource } = model;
  try {
    const gone = await remove(ctx, model, value).catch((error: unknown) => {
      if (!isOverdue(error)) throw error;
      return removeInTransaction(ctx, model, { value, deadlineMs: PATIENCE_MS });
    });
    if (gone === undefined) throw noMatch(resource.name);
    for (const action of ['model_deleted', 'model_updated'] as const) told({ ctx, model }, action, gone[action]);
  } catch (error) {
    const kind = constraintViolation(error)?.kind;
    if (kind !== 'foreign_key' && kind !== 'restrict') throw error;
    throw new ValidationError({ [NON_FIELD]: [messages.inUse] });
  }
}

// Milliseconds of a second try: a flow or a user may take very many rows along, and would else never be deleted. With the
// first it stays below the 30 seconds that a server has to end (R08).
const PATIENCE_MS = 20_000;

function remove(ctx: RequestContext, model: Model, value: Parameter): Promise<store.Deletion | undefined> {
  if (model.resource.onDelete) return removeInTransaction(ctx, model, { value });
  return store.deleteRow(ctx.db, model, { value, origin: originOf(ctx) });
}

function removeInTransaction(
  ctx: RequestContext,
  model: Model,
  { value, deadlineMs }: { readonly value: Parameter; readonly deadlineMs?: number },
): Promise<store.Deletion | undefined> {
  return ctx.db.transaction(async (tx) => {
    const before = await store.lockRow(tx, model, { value, to: 'delete' });
    if (!before) return undefined;
    await model.resource.onDelete?.(changeOf({ tx, ctx, input: {}, before }));
    if (deadlineMs === undefined) return store.deleteRow(tx, model, { value, origin: originOf(ctx) });
    await giveTime(tx, deadlineMs);
    return store.deleteRow(tx, model, { value, origin: originOf(ctx), deadlineMs });
  });
}
