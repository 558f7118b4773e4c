import type { Command as Program } from 'commander';
import { openInstallation } from '../installation.ts';
import { command } from '../kernel/cli/command.ts';
import type { Command } from '../kernel/cli/command.ts';
import type { Discovery } from '../kernel/discover.ts';
import { baseUrlOf, runStartSteps } from '../server.ts';
import { print, progress, readEnvironment } from './environment.ts';

async function run(
  wanted: Command,
  discovery: Discovery,
  given: { arguments: string[]; options: object; json: boolean },
) {
  const { config, log } = readEnvironment();
  const installation = await openInstallation({
    config,
    log,
    discovery,
    migrates: true,
    attaches: true,
    onProgress: progress,
  });
  try {
    const { ctx } = installation;
    // On a fresh installation the command may be the first thing that runs: what serve would print is not lost.
    for (const { label, text } of await runStartSteps(installation, baseUrlOf(installation))) {
      process.stderr.write(`${label}\n  ${text}\n`);
    }
    const result = await wanted.run({ ctx, arguments: given.arguments, options: { ...given.options } });
    print(result, given.json);
  } finally {
    await installation.close();
  }
}

/** The program or sub-command under which a command's last word goes: `token` for `token create`. */
function parentOf(program: Program, words: readonly string[]): Program {
  return words.reduce((parent, word) => {
    const known = parent.commands.find((candidate) => candidate.name() === word);
    return known ?? parent.command(word).description(`Commands on ${word}s.`);
  }, program);
}

/** Adds the commands that features bring. */
export function addFeatureCommands(program: Program, discovery: Discovery): void {
  for (const wanted of discovery.registry.all(command)) {
    const words = wanted.name.split(' ');
    const last = words.pop() ?? '';
    const added = parentOf(program, words)
      .command(`${last}${wanted.arguments ? ` ${wanted.arguments}` : ''}`)
      .description(wanted.description);
    for (const option of wanted.options ?? []) added.option(option.flags, option.description, option.default);
    if (wanted.help) added.addHelpText('after', `\n${wanted.help}`);
    added.action(() => {
      const json = program.opts()['json'] === true;
      return run(wanted, discovery, { arguments: added.args, options: added.opts(), json });
    });
  }
}
