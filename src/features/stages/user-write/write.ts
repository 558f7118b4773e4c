import { planKey, tellRefusedName } from '../../../core/flows/index.ts';
import type { Denial, StageRequest } from '../../../core/flows/index.ts';
import { UsernameTaken, insertUser, isUsernameViolation } from '../../../core/users/index.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { MAX_STORED_JSON_BYTES, MAX_STORED_JSON_DEPTH } from '../../../kernel/schema/limits.ts';
import { measureJson } from '../../../kernel/schema/measure.ts';
import type { JsonObject } from '../../../kernel/schema/types.ts';
import { enqueue } from '../../../kernel/tasks/task.ts';
import { applyEdits } from './attributes.ts';
import { tellKnownAddress } from './known-address.ts';
import { settlePassword } from './password-changed.ts';
import type { PasswordChange } from './password-changed.ts';
import type { Settings } from './settings.ts';
import * as store from './store.ts';
import { failed } from './user-change.ts';
import type { UserChange } from './user-change.ts';

/** Set by policies and sources, never by a form: where the new user belongs. */
const userPath = planKey('user_path', (value) => (typeof value === 'string' ? value : undefined));
/** As above: the new user's type. */
const userType = planKey('user_type', (value) => (typeof value === 'string' ? value : undefined));
/** As above: ids of groups to join. */
const groupIds = planKey('groups', (value) => (Array.isArray(value) ? value : undefined));

export type Write = {
  readonly request: StageRequest<Settings>;
  readonly tx: Transaction;
  readonly change: UserChange;
  readonly passwordHash: string | undefined;
};

export type Person = {
  readonly userId: number;
  readonly username: string;
  readonly password?: PasswordChange;
};

function attributesOf(existing: JsonObject, change: UserChange): JsonObject {
  const attributes = applyEdits(existing, change.attributes);
  const { bytes, depth } = measureJson(attributes);
  if (bytes > MAX_STORED_JSON_BYTES || depth > MAX_STORED_JSON_DEPTH) throw failed();
  return attributes;
}

/** The name is somebody's, or their address: the same is said and done of both (T24). */
const nameRefused = ({ request: { ctx }, change: { username } }: Write): Denial =>
  failed(async () => {
    if (username !== undefined) await tellRefusedName(ctx, username);
  });

// A name equal to somebody's address would catch their sign-ins by address (E18).
async function checkUsername(write: Write, userId: number | undefined): Promise<void> {
  const { username } = write.change;
  if (username !== undefined && (await store.isAddressOfAnother(write.tx, username, userId))) throw nameRefused(write);
}

// For every address alike, or it would show whose are taken (T24).
async function lookForOwner({ request: { ctx }, tx }: Write, userId: number): Promise<void> {
  if (ctx.mail.configured) await enqueue(tx, tellKnownAddress, { payload: userId });
}

async function joinGroups({ request, tx }: Write, userId: number, own: readonly string[]): Promise<void> {
  const named = (request.plan.get(groupIds) ?? []).map(String);
  const groups = [...own, ...named];
  if (groups.length > 0 && !(await store.joinGroups(tx, userId, groups))) throw failed();
}

function placeOf({ plan, settings }: StageRequest<Settings>): { readonly path: string; readonly type: string } {
  const type = plan.get(userType) ?? settings.userType;
  return {
    path: plan.get(userPath) || settings.path || 'users',
    type: type === 'internal_service_account' ? 'service_account' : type,
  };
}

/**
 * Creates the account and its memberships.
 * @throws Denial when the name is taken or missing, or a group is gone (T25)
 */
export async function createUser(write: Write): Promise<Person> {
  const { request, tx, change, passwordHash } = write;
  const { username, name, email, locale } = change;
  if (username === undefined) throw failed();
  const { settings } = request;
  const user = {
    username,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(locale === undefined ? {} : { locale }),
    ...(passwordHash === undefined ? {} : { passwordHash }),
    isActive: !settings.asInactive,
    attributes: attributesOf({}, change),
    ...placeOf(request),
  };
  try {
    // Sent together and answered in this order, so that the name is not compared with the new account's own address.
    const [, { id: userId }] = await Promise.all([checkUsername(write, undefined), insertUser(tx, user)]);
    await joinGroups(write, userId, settings.group === undefined ? [] : [settings.group]);
    if (email) await lookForOwner(write, userId);
    return { userId, username };
  } catch (error) {
    if (error instanceof UsernameTaken) throw nameRefused(write);
    throw error;
  }
}

/**
 * Changes an account. With its password its other sessions end; the one at hand stays, and its owner is told.
 * @throws Denial when the name is taken, or the account or a group is gone
 */
export async function changeUser(write: Write, userId: number): Promise<Person> {
  const { tx, change, passwordHash } = write;
  await checkUsername(write, userId);
  const existing = await store.lockUser(tx, userId);
  if (!existing) throw failed();
  try {
    const { username, name, email, locale } = change;
    const update = {
      username,
      name,
      email,
      locale,
      passwordHash,
      attributes: attributesOf(existing.attributes, change),
    };
    const updated = await store.updateUser(tx, userId, update);
    if (!updated) throw failed();
    await joinGroups(write, userId, []);
    if (email && email !== existing.email) await lookForOwner(write, userId);
    const owner = { ...existing, id: userId };
    const password = passwordHash === undefined ? undefined : await settlePassword(write, owner);
    return { userId, username: updated.username, ...(password ? { password } : {}) };
  } catch (error) {
    if (isUsernameViolation(error)) throw nameRefused(write);
    throw error;
  }
}
