import type { Command as Program } from 'commander';
import { openInstallation } from '../installation.ts';
import { CommandError, command } from '../kernel/cli/command.ts';
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
    // On a database that was only migrated the command may be the first thing that runs: what serve would print is not lost.
    for (const { label, text } of await runStartSteps(installation, baseUrlOf(installation))) {
      process.stderr.write(`${label}\n  ${text}\n`);
    }
    const result = await wanted.run({ ctx, arguments: given.arguments, options: { ...given.options }, progress });
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

/**
 * The options of a command. What the command above it declares too ends up there (commander reads options from the top
 * down), and what only that one declares does not belong here.
 */
function optionsOf(added: Program, program: Program): object {
  const { parent } = added;
  if (!parent || parent === program) return added.opts();
  const given = parent.options.filter((option) => parent.getOptionValueSource(option.attributeName()) === 'cli');
  const values = given.map((option) => {
    const name = option.attributeName();
    if (added.options.some((own) => own.attributeName() === name)) return [name, parent.getOptionValue(name)] as const;
    throw new CommandError(`"${added.name()}" has no option ${option.flags}.`);
  });
  return { ...added.opts(), ...Object.fromEntries(values) };
}

/** What is said of a word behind a command that takes none, and that is no command below it. @throws CommandError */
function refuseWords({ name }: Command, added: Program): void {
  const [word] = added.args;
  if (word === undefined) return;
  const below = new Intl.ListFormat('en-GB').format(added.commands.map((one) => one.name()));
  throw new CommandError(
    `There is no command "${name} ${word}". There are ${below}; and ${name} itself, with options only.`,
  );
}

/** Adds the commands that features bring. */
export function addFeatureCommands(program: Program, discovery: Discovery): void {
  const depth = (one: Command): number => one.name.split(' ').length;
  const all = discovery.registry.all(command);
  // A command that others are below must be there before them.
  for (const wanted of all.toSorted((a, b) => depth(a) - depth(b))) {
    const words = wanted.name.split(' ');
    const last = words.pop() ?? '';
    const added = parentOf(program, words)
      .command(`${last}${wanted.arguments ? ` ${wanted.arguments}` : ''}`)
      .description(wanted.description);
    for (const option of wanted.options ?? []) added.option(option.flags, option.description, option.default);
    if (wanted.help) added.addHelpText('after', `\n${wanted.help}`);
    const isAbove = wanted.arguments === undefined && all.some(({ name }) => name.startsWith(`${wanted.name} `));
    // Told below; commander would count them.
    if (isAbove) added.allowExcessArguments();
    added.action(() => {
      if (isAbove) refuseWords(wanted, added);
      const json = program.opts()['json'] === true;
      return run(wanted, discovery, { arguments: added.args, options: optionsOf(added, program), json });
    });
  }
}
