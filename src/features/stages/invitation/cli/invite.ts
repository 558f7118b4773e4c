import { findFlow } from '../../../../core/flows/index.ts';
import { CommandError, textOption, textsOption } from '../../../../kernel/cli/command.ts';
import type { Command, CommandScope } from '../../../../kernel/cli/command.ts';
import type { Caller } from '../../../../kernel/own-api/index.ts';
import { isJsonObject } from '../../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../../kernel/schema/types.ts';
import { findGroups } from '../store.ts';
import { createInvitation } from '../v1/operations/create.ts';
import { sendInvitation } from '../v1/operations/send.ts';
import { asOption, callForObject, callerOf, cell } from './caller.ts';
import { readCount, readExpiry } from './expiry.ts';

const DEFAULT_FLOW = 'invitation-enrollment-flow';

function readAttributes(text: string): JsonObject {
  if (text === '') return {};
  try {
    const value: Json = JSON.parse(text);
    if (isJsonObject(value)) return { attributes: value };
  } catch {
    // Told below: what JSON.parse says would repeat the text.
  }
  throw new CommandError('--attributes takes a JSON object such as {"department":"Sales"}.');
}

async function groupIds({ ctx, options }: CommandScope): Promise<string[]> {
  const wanted = textsOption(options, 'group');
  const found = await findGroups(ctx.db, wanted);
  return wanted.map((group) => {
    const id = found.find((one) => one.id === group.toLowerCase() || one.name === group)?.id;
    if (id === undefined) throw new CommandError(`There is no group ${group}.`);
    return id;
  });
}

function usesOf({ options }: CommandScope): number | null {
  const limit = textOption(options, 'maxUses');
  const single = options['singleUse'] === true;
  if (single && limit !== '') throw new CommandError('--single-use is --max-uses 1; say one of them.');
  return single ? 1 : limit === '' ? null : readCount(limit, '--max-uses');
}

/** What of the options is what the own API takes. */
async function inputOf(scope: CommandScope): Promise<JsonObject> {
  const { ctx, options } = scope;
  const flow = textOption(options, 'flow');
  if (!(await findFlow(ctx.db, flow))) throw new CommandError(`There is no flow ${flow}.`);
  const [email, expires] = [textOption(options, 'email'), textOption(options, 'expires')];
  const to = textsOption(options, 'to');
  return {
    name: textOption(options, 'name'),
    flow,
    expires: expires === '' ? null : readExpiry(expires, ctx.clock),
    max_uses: usesOf(scope),
    fixed_data: { ...(email === '' ? {} : { email }), ...readAttributes(textOption(options, 'attributes')) },
    locked: options['locked'] === true,
    groups: await groupIds(scope),
    restrict_to: textsOption(options, 'restrictTo'),
    message: textOption(options, 'message'),
    language: textOption(options, 'language'),
    recipients: to.length === 0 && email !== '' ? [email] : to,
    ...(options['secretLink'] === true ? { secret_link: true } : {}),
  };
}

async function send(caller: Caller, made: JsonObject): Promise<JsonObject> {
  const sent = await callForObject(caller, sendInvitation, { params: { id: cell(made['id']) }, json: {} });
  return { queued: sent['queued'] ?? 0 };
}

async function run(scope: CommandScope) {
  const { ctx, options } = scope;
  const sends = options['send'] === true;
  const input = await inputOf(scope);
  if (sends && !ctx.mail.configured) throw new CommandError('--send needs a mail server: set VESTIBULE_SMTP_URL.');
  if (sends && Array.isArray(input['recipients']) && input['recipients'].length === 0) {
    throw new CommandError('--send needs somebody to send to: --to or --email.');
  }
  const caller = await callerOf(scope);
  const { qr_svg: _picture, ...made } = await callForObject(caller, createInvitation, { json: input });
  const sent = sends ? await send(caller, made) : {};
  const { link } = made;
  const text = typeof link === 'string' ? link : 'The invitation was made; set VESTIBULE_PUBLIC_URL to get its link.';
  // `pk` is what the command has always printed.
  return { text, json: { ...made, ...sent, pk: made['id'] ?? null } };
}

/** `vestibule invite`: makes an invitation and prints its link. */
export const invite: Command = {
  name: 'invite',
  description: 'Make an invitation and print its link.',
  options: [
    { flags: '--name <name>', description: 'what it is called: letters, digits, - and _', default: 'invitation' },
    { flags: '--flow <slug>', description: 'the enrollment flow', default: DEFAULT_FLOW },
    { flags: '--email <address>', description: 'fills in the e-mail address' },
    { flags: '--expires <when>', description: '30m, 12h, 7d, 2w or an instant; without it the link never expires' },
    { flags: '--single-use', description: 'for one person; without it any number may use the link' },
    { flags: '--max-uses <number>', description: 'for so many people' },
    { flags: '--secret-link', description: 'the link has a secret and is shown now and never again' },
    { flags: '--attributes <json>', description: 'attributes of the new account, a JSON object' },
    { flags: '--locked', description: 'the person may not change what --email and --attributes fill in' },
    { flags: '--group <group...>', description: 'groups of the new account, by name or id' },
    { flags: '--restrict-to <address...>', description: 'for these addresses, or domains such as @example.org, only' },
    { flags: '--message <text>', description: 'what its first page and its mail say' },
    { flags: '--language <tag>', description: 'language of its mail and page, such as de' },
    { flags: '--to <address...>', description: 'to whom it is mailed; the address of --email without it' },
    { flags: '--send', description: 'mail it now, as far as a mail server is configured' },
    asOption,
  ],
  help: `With --json everything about it is printed, its code too, which is shown now and never again.

Examples
  vestibule invite --name alice --email alice@example.org --single-use --expires 7d
  vestibule invite --name alice --email alice@example.org --single-use --send --message 'Welcome!'
  vestibule invite --name sales --max-uses 20 --group Sales --restrict-to @example.org --secret-link
  vestibule invite --name sales --attributes '{"department":"Sales"}' --json`,
  run,
};
