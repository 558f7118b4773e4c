import type { Command } from '../../../../kernel/cli/command.ts';
import { invite } from './invite.ts';
import { extendCommand, listCommand, resendCommand, revokeCommand, showCommand } from './manage.ts';
import { exportCommand, importCommand } from './transfer.ts';

/** `vestibule invite` and what is below it. */
export const invitationCommands: readonly Command[] = [
  invite,
  listCommand,
  showCommand,
  revokeCommand,
  resendCommand,
  extendCommand,
  importCommand,
  exportCommand,
];
