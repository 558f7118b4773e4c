import type { Context } from '../context.ts';
import { extensionPoint } from '../feature.ts';

export type CommandOption = {
  /** As commander reads it: `--email <address>`, `--single-use`. */
  readonly flags: string;
  readonly description: string;
  readonly default?: string | boolean;
};

export type CommandScope = {
  readonly ctx: Context;
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Tells who waits at a terminal how far it is. */
  readonly progress: (text: string) => void;
};

/** What a command prints: `text` for people, `json` with `--json`. */
export type CommandResult = { readonly text: string; readonly json: unknown };

/** A command of the CLI that works on an installation: it gets a migrated database. */
export type Command = {
  /**
   * Words separated by a space, such as `token create`; arguments follow as commander reads them: `<username>`. A command
   * may have commands below it: `invite`, `invite list`.
   */
  readonly name: string;
  readonly arguments?: string;
  readonly description: string;
  /** Examples and remarks below the options of `--help`. */
  readonly help?: string;
  readonly options?: readonly CommandOption[];
  run(scope: CommandScope): Promise<CommandResult>;
};

/** An option that takes a text; empty when it was not given. */
export function textOption(options: CommandScope['options'], name: string): string {
  const value = options[name];
  return typeof value === 'string' ? value : '';
}

/** An option that takes texts (`--to <address...>`). */
export function textsOption(options: CommandScope['options'], name: string): string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** What a command refuses, in words for the person at the terminal. */
export class CommandError extends Error {}

export const command = extensionPoint<Command>('command', (value) => value.name);
