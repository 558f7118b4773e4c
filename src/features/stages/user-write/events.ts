import type { StageRequest } from '../../../core/flows/index.ts';
import type { Transaction } from '../../../kernel/db/types.ts';
import { eventUser } from '../../../kernel/events/event-user.ts';
import type { PasswordChange } from './password-changed.ts';

const APP = 'vestibule.stages.user_write';

export type Written = {
  readonly userId: number;
  readonly username: string;
  readonly created: boolean;
  /** Of somebody who existed before and has another password now. */
  readonly password?: PasswordChange;
  /** Names of the values that were gathered. */
  readonly keys: readonly string[];
  /** Those among them that were refused. */
  readonly dropped: readonly string[];
};

/** Writes what was done to a user; names of values only, for the values may be secret. */
export async function recordWrite(request: StageRequest<unknown>, tx: Transaction, written: Written): Promise<void> {
  const { ctx, session } = request;
  const { user } = session;
  const who = {
    app: APP,
    user: user && eventUser(user),
    clientIp: ctx.clientIp,
  };
  const { userId, username, created, password, keys, dropped } = written;
  const context = { created, pk: userId, username, keys };
  await ctx.events.record(tx, { ...who, action: 'user_write', context });
  if (password) {
    // Keys that name a secret are masked in events; the names of API tokens are none.
    const left = { ended: { sessions: password.ended }, kept: { api_access: password.tokens } };
    const about = { user: { pk: userId, username }, ...left };
    await ctx.events.record(tx, { ...who, action: 'password_set', context: about });
  }
  if (dropped.length === 0) return;
  const message = 'The data gathered for a user named what it may not set; it was dropped.';
  const suspicion = { message, keys: dropped, pk: userId, username };
  await ctx.events.record(tx, { ...who, action: 'suspicious_request', context: suspicion });
}
