import { CommandError } from '../../kernel/cli/command.ts';
import type { Command, CommandScope } from '../../kernel/cli/command.ts';
import { localOrigin } from '../../kernel/config/own-origin.ts';
import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/db/types.ts';
import type { EventAction } from '../../kernel/events/action.ts';
import { activateUser, findUserByUsername } from '../users/index.ts';
import type { UserRow } from '../users/index.ts';
import { LINK_MINUTES, makeRecoveryLink } from './recovery-link.ts';
import { RECOVERY_FLOW } from './recovery-flow.ts';
import { joinSuperusers } from './store.ts';

/** What the audit log tells of a recovery from the command line. */
export const RECOVERED: EventAction = { app: 'vestibule.cli', name: 'account_recovery' };

type Wanted = { readonly activate: boolean; readonly superuser: boolean };

async function findPerson(tx: Transaction, username: string, { activate }: Wanted): Promise<UserRow> {
  const user = await findUserByUsername(tx, username);
  if (!user) throw new CommandError(`There is no user ${username}.`);
  if (user.isActive || activate) return user;
  throw new CommandError(`${user.username} is deactivated. With --activate the account is made active again.`);
}

async function recover(ctx: Context, tx: Transaction, given: { username: string; wanted: Wanted }) {
  const user = await findPerson(tx, given.username, given.wanted);
  const activated = !user.isActive;
  if (activated) await activateUser(tx, user.id);
  const joins = given.wanted.superuser && !user.isSuperuser;
  const group = joins ? await joinSuperusers(tx, user.id, `Recovered administrators ${ctx.random.uuid()}`) : null;
  const path = await makeRecoveryLink(ctx, tx, user.id);
  await ctx.events.record(tx, {
    action: RECOVERED.name,
    app: RECOVERED.app,
    context: {
      user: { pk: user.id, username: user.username },
      activated,
      superuser_by_group: group,
      link_minutes: path === undefined ? null : LINK_MINUTES,
    },
  });
  return { user, activated, group, link: path === undefined ? null : `${localOrigin(ctx.config)}${path}` };
}

function textOf({ user, activated, group, link }: Awaited<ReturnType<typeof recover>>): string {
  const { username } = user;
  const head = [
    ...(activated ? [`${username} is active again.`] : []),
    ...(group === null ? [] : [`${username} is a superuser by the group "${group}".`]),
  ];
  const way =
    link === null
      ? [
          `There is no flow ${RECOVERY_FLOW} any more, so no link was made.`,
          `"vestibule user set-password ${username}" sets a password.`,
        ]
      : [`${username} gets a new password with this link, once, within ${LINK_MINUTES} minutes:`, `  ${link}`];
  return [...head, ...way].join('\n');
}

async function run({ ctx, arguments: [username = ''], options }: CommandScope) {
  const wanted = { activate: options['activate'] === true, superuser: options['superuser'] === true };
  const done = await ctx.db.transaction((tx) => recover(ctx, tx, { username, wanted }));
  const { user, activated, group, link } = done;
  return {
    text: textOf(done),
    json: { pk: user.id, username: user.username, activated, superuser_by_group: group, link },
  };
}

/** `vestibule user recover`: a way back in for whoever cannot sign in, the last administrator included. */
export const recoverCommand: Command = {
  name: 'user recover',
  arguments: '<username>',
  description: 'Print a link by which a user, once and within half an hour, chooses a new password and is signed in.',
  options: [
    { flags: '--activate', description: 'make a deactivated account active again' },
    { flags: '--superuser', description: 'make the user a superuser, by a group that makes superusers' },
  ],
  help: `Without these options the rights of the account stay as they are. The link is a secret: whoever opens it takes the
account. A newer link, or another password, makes it worthless.

Example
  vestibule user recover akadmin --activate --superuser`,
  run,
};
