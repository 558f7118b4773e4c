import {
  Denial,
  createdUser,
  defineStage,
  pass,
  passwordMark,
  pendingUser,
  pendingUserIdentifier,
  promptData,
} from '../../../core/flows/index.ts';
import type { EffectScope, StageRequest } from '../../../core/flows/index.ts';
import { recordWrite } from './events.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';
import { readChange } from './user-change.ts';
import type { UserChange } from './user-change.ts';
import { changeUser, createUser } from './write.ts';
import type { Person } from './write.ts';

type Request = StageRequest<Settings>;

/** A password and its hash, made before the transaction begins: hashing takes longer than all the rest. */
type Hashed = { readonly password: string | undefined; readonly hash: string | undefined };

async function hashOf({ ctx }: Request, password: string | undefined): Promise<Hashed> {
  return { password, hash: password === undefined ? undefined : await ctx.passwords.hash(password) };
}

function readData({ plan }: Request): { readonly change: UserChange; readonly keys: readonly string[] } {
  const data = plan.get(promptData);
  if (data === undefined) throw new Denial('No Pending data.');
  return { change: readChange(data), keys: Object.keys(data) };
}

async function write(request: Request, scope: EffectScope, plan: { target: Target; hashed: Hashed }): Promise<void> {
  const { target, hashed } = plan;
  const { tx } = scope;
  // First, because what an invitation says may have changed since it was read.
  const onWritten = await scope.commit({ creates: target.kind === 'create' });
  const { change, keys } = readData(request);
  const { hash: passwordHash } = change.password === hashed.password ? hashed : await hashOf(request, change.password);
  const task = { request, tx, change, passwordHash };
  const person = target.kind === 'create' ? await createUser(task) : await changeUser(task, target.userId);
  // What was proved by the older one was proved before.
  if (passwordHash !== undefined) request.plan.delete(passwordMark);
  await onWritten({ userId: person.userId });
  await recordWrite(request, tx, {
    ...person,
    created: target.kind === 'create',
    keys,
    dropped: change.dropped,
  });
  remember(request, person, target);
}

function remember({ plan }: Request, { userId }: Person, target: Target): void {
  plan.set(pendingUser, userId);
  if (target.kind !== 'create') return;
  plan.set(createdUser, userId);
  plan.delete(pendingUserIdentifier);
}

/** Makes what was gathered into an account, or into changes of one (contract part 2, 11.2). Silent. */
export const userWriteStage = defineStage<Settings>({
  type: 'user_write',
  table: 'user_write_stage',
  settings: readSettings,
  async challenge(request) {
    const { change } = readData(request);
    const target = targetOf(request);
    const hashed = await hashOf(request, change.password);
    return pass((scope) => write(request, scope, { target, hashed }));
  },
});
