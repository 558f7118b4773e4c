import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import { findUserByUsername, insertUser } from '../users/index.ts';
import { insertAdministrators } from './store.ts';

export const ADMINISTRATOR = 'akadmin';

/**
 * Creates the first user, a superuser through the group `authentik Admins`. Without a configured password none signs
 * in until the set-up is done. Answers the id.
 */
export async function createAdministrator(ctx: Context, tx: Transaction): Promise<number> {
  const known = await findUserByUsername(tx, ADMINISTRATOR);
  if (known) return known.id;
  const { bootstrapEmail, bootstrapPassword } = ctx.config;
  const { id } = await insertUser(tx, {
    username: ADMINISTRATOR,
    name: 'Administrator',
    ...(bootstrapEmail ? { email: bootstrapEmail } : {}),
    ...(bootstrapPassword ? { passwordHash: await ctx.passwords.hash(bootstrapPassword) } : {}),
  });
  await insertAdministrators(tx, id);
  return id;
}
