import type { Context } from '../../kernel/context.ts';
import { addMember } from '../groups/index.ts';
import { buildRole, giveRole } from '../roles/builders.ts';
import type { Grants } from '../roles/builders.ts';
import { csrfToken, openSession, saveSession, sessionCookies } from '../sessions/index.ts';
import { insertUser } from '../users/index.ts';
import type { NewUser } from '../users/index.ts';
import { createApiToken } from './key.ts';

/** An account for a test, with what it needs to ask. */
export type Account = { readonly id: number; readonly username: string; readonly token: string };

let made = 0;

/** A user with an API token; the username is new unless given. What is granted comes by a role of their own. */
export async function buildAccount(
  ctx: Context,
  user: Partial<NewUser> & { groups?: string[] } & Grants = {},
): Promise<Account> {
  made += 1;
  const { groups = [], permissions = [], objects = [], ...fields } = user;
  const username = user.username ?? `user-${made}`;
  const { id } = await insertUser(ctx.db, { ...fields, username });
  for (const group of groups) await addMember(ctx.db, group, id);
  if (permissions.length + objects.length > 0) await giveRole(ctx, id, await buildRole(ctx, { permissions, objects }));
  const token = await createApiToken(ctx, ctx.db, { identifier: `token-of-${id}`, userId: id });
  return { id, username, token };
}

/** The `Cookie` header and the CSRF token of a new session of a user. */
export async function buildSession(ctx: Context, userId: number): Promise<{ cookie: string; csrf: string }> {
  const requestFacts = () => ({ path: '/', method: 'GET', request_id: 'test', user_agent: '' });
  const visitor = { ...ctx, requestId: 'test', actor: undefined, clientIp: '127.0.0.1', requestFacts };
  const session = await saveSession(visitor, ctx.db, {
    session: await openSession(ctx, undefined),
    change: { state: {}, login: { userId, seconds: 0 } },
  });
  const cookies = sessionCookies(ctx, { key: session.key, uid: session.user?.uid, maxAge: undefined }, false);
  const cookie = cookies.map((line) => line.slice(0, line.indexOf(';'))).join('; ');
  return { cookie, csrf: csrfToken(ctx, session.key) };
}
