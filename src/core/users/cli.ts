import { CommandError } from '../../kernel/cli/command.ts';
import type { Command, CommandScope } from '../../kernel/cli/command.ts';
import { MAX_PASSWORD_LENGTH } from '../../kernel/crypto/passwords.ts';
import { readSecret } from '../../kernel/cli/secret.ts';
import { forgetFailures } from './password-attempt.ts';
import { endSessions, findUserByUsername, setPasswordHash } from './store.ts';

async function run({ ctx, arguments: [username = ''] }: CommandScope) {
  const user = await findUserByUsername(ctx.db, username);
  if (!user) throw new CommandError(`There is no user ${username}.`);
  const password = await readSecret(`New password of ${user.username}: `);
  if (password === '' || password.length > MAX_PASSWORD_LENGTH) {
    throw new CommandError(`A password has 1 to ${MAX_PASSWORD_LENGTH} characters.`);
  }
  const hash = await ctx.passwords.hash(password);
  await ctx.db.transaction(async (tx) => {
    await setPasswordHash(tx, user.id, hash);
    await endSessions(tx, user.id);
    await forgetFailures(ctx, tx, user.id);
    await ctx.events.record(tx, {
      action: 'password_set',
      app: 'vestibule.cli',
      context: { username: user.username },
    });
  });
  return {
    text: `The password of ${user.username} is set. Their open sessions ended.`,
    json: { pk: user.id, username: user.username },
  };
}

/** `vestibule user set-password`: sets a password, typed at the terminal or given on standard input. */
export const setPasswordCommand: Command = {
  name: 'user set-password',
  arguments: '<username>',
  description: 'Set the password of a user; it is asked for, or read from standard input.',
  help: `Example
  printf %s "$PASSWORD" | vestibule user set-password akadmin`,
  run,
};
