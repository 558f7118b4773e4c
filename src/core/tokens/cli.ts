import { CommandError, textOption } from '../../kernel/cli/command.ts';
import type { Command, CommandScope } from '../../kernel/cli/command.ts';
import { constraintViolation } from '../../kernel/db/errors.ts';
import { isSlug } from '../../kernel/schema/slug.ts';
import { findUserByUsername } from '../users/index.ts';
import { createApiToken } from './key.ts';

async function run({ ctx, arguments: [identifier = ''], options }: CommandScope) {
  const username = textOption(options, 'user');
  if (!isSlug(identifier)) throw new CommandError('An identifier has letters, digits, hyphens and underscores.');
  const user = await findUserByUsername(ctx.db, username);
  if (!user) throw new CommandError(`There is no user ${username}.`);
  try {
    const description = textOption(options, 'description');
    const key = await createApiToken(ctx, ctx.db, { identifier, userId: user.id, description });
    return { text: key, json: { identifier, user: user.username, key } };
  } catch (error) {
    if (constraintViolation(error)?.kind === 'unique') throw new CommandError(`A token ${identifier} exists already.`);
    throw error;
  }
}

/** `vestibule token create`: makes an API token and prints its key. */
export const createTokenCommand: Command = {
  name: 'token create',
  arguments: '<identifier>',
  description: 'Make an API token that never expires, and print its key.',
  options: [
    { flags: '--user <username>', description: 'whose token it is', default: 'akadmin' },
    { flags: '--description <text>', description: 'what it is for', default: '' },
  ],
  help: `Example
  vestibule token create terraform --description "Terraform"`,
  run,
};
