import type { Queryable, Transaction } from '../../../../kernel/db/types.ts';

// Told a week before; of a short life when three quarters are over, but not so late that nothing can be done about it.
const PUT = `
  insert into account_expiry (user_id, invitation, expires, remind)
  select $1, e.id, e.at, e.at - least(interval '7 days', greatest((e.at - now()) / 4, interval '5 minutes'))
  from (select invite_uuid as id, least(account_expires, now() + make_interval(secs => account_lifetime)) as at
        from invitation where invite_uuid = $2) e
  where e.at is not null
  on conflict (user_id) do nothing
  returning remind <= now() as soon`;

/**
 * Notes when a new account ends, as its invitation says. Out: whether its owner is to be told at once, because its life is
 * that short.
 */
export async function putExpiry(tx: Transaction, userId: number, invitation: string): Promise<boolean> {
  const [row] = await tx.query<{ soon: boolean }>(PUT, [userId, invitation]);
  return row?.soon === true;
}

/** An account, and when it ends. */
export type EndingAccount = {
  readonly userId: number;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  /** By which it came; null: that is gone. */
  readonly invitation: string | null;
  readonly expires: string;
};

const ACCOUNT = `u.id as "userId", u.username, u.name, u.email, u.locale, e.invitation, e.expires`;

const END = `
  with due as (
    select user_id from account_expiry where ended is null and expires <= now()
    order by expires limit $1 for update skip locked
  ), marked as (
    update account_expiry e set ended = now() from due where e.user_id = due.user_id returning e.user_id, e.invitation, e.expires
  )
  update users u set is_active = false from marked e where u.id = e.user_id and u.is_active returning ${ACCOUNT}`;

/**
 * Deactivates accounts whose time is over, so many at a time. An account ends once: who is let in again stays. It ends
 * also where it is the last superuser: a date is a date, and the others' must not wait for it.
 */
export async function endDue(tx: Transaction, limit: number): Promise<EndingAccount[]> {
  tx.send("select set_config('vestibule.may_lose_superusers', 'on', true)");
  return tx.query<EndingAccount>(END, [limit]);
}

/** Whether an account came to its end. */
export async function isEnded(db: Queryable, userId: number): Promise<boolean> {
  const text = 'select 1 from account_expiry where user_id = $1 and ended is not null';
  return (await db.query(text, [userId])).length > 0;
}

const REMIND = `
  with due as (
    select e.user_id from account_expiry e join users u on u.id = e.user_id
    where e.ended is null and e.reminded is null and e.remind <= now() and e.expires > now() and u.is_active
    order by e.remind limit $1 for update of e skip locked
  )
  update account_expiry e set reminded = now() from due join users u on u.id = due.user_id
  where e.user_id = due.user_id returning ${ACCOUNT}`;

/** Accounts whose owners are to be told that they end; each once. */
export async function takeReminders(tx: Transaction, limit: number): Promise<EndingAccount[]> {
  return tx.query<EndingAccount>(REMIND, [limit]);
}

/** Makes a new account inactive. */
export async function deactivate(tx: Transaction, userId: number): Promise<void> {
  await tx.query('update users set is_active = false where id = $1', [userId]);
}

/** Makes a new account wait for somebody's approval; answers the id of the approval. */
export async function holdAccount(tx: Transaction, userId: number, invitation: string): Promise<string> {
  await deactivate(tx, userId);
  const text = 'insert into invitation_approval (user_id, invitation) values ($1, $2) returning approval_uuid as id';
  const [row] = await tx.query<{ id: string }>(text, [userId, invitation]);
  if (!row) throw new Error('The approval was not stored.');
  return row.id;
}
