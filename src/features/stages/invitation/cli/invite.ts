import { findFlow } from '../../../../core/flows/index.ts';
import { CommandError, textOption, textsOption } from '../../../../kernel/cli/command.ts';
import type { Command, CommandScope } from '../../../../kernel/cli/command.ts';
import type { Caller } from '../../../../kernel/own-api/index.ts';
import { isJsonObject } from '../../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../../kernel/schema/types.ts';
import { findGroups, findRoles } from '../store.ts';
import { createInvitation } from '../v1/operations/create.ts';
import { readInvitation } from '../v1/operations/read.ts';
import { sendInvitation } from '../v1/operations/send.ts';
import { asOption, callForObject, callerOf, cell } from './caller.ts';
import { readCount, readDuration, readExpiry } from './expiry.ts';

const DEFAULT_FLOW = 'invitation-enrollment-flow';

function readObject({ options }: CommandScope, option: 'attributes' | 'fixedData', example: string): JsonObject {
  const text = textOption(options, option);
  if (text === '') return {};
  try {
    const value: Json = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Told below: what JSON.parse says would repeat the text.
  }
  throw new CommandError(
    `--${option === 'attributes' ? option : 'fixed-data'} takes a JSON object such as ${example}.`,
  );
}

/** Values of the new account: those of the options of their own come last. */
function fixedData(scope: CommandScope): JsonObject {
  const email = textOption(scope.options, 'email');
  const attributes = readObject(scope, 'attributes', '{"department":"Sales"}');
  return {
    ...readObject(scope, 'fixedData', '{"name":"Alice Smith"}'),
    ...(email === '' ? {} : { email }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  };
}

type Named = { readonly id: string; readonly name: string };

/** Ids of what is named by name or id. @throws CommandError naming the first that is not there */
function idsOf(kind: 'group' | 'role', wanted: readonly string[], found: readonly Named[]): string[] {
  return wanted.map((given) => {
    const id = found.find((one) => one.id === given.toLowerCase() || one.name === given)?.id;
    if (id === undefined) throw new CommandError(`There is no ${kind} ${given}.`);
    return id;
  });
}

async function gifts({ ctx, options }: CommandScope): Promise<{ groups: string[]; roles: string[] }> {
  const [groups, roles] = [textsOption(options, 'group'), textsOption(options, 'role')];
  return {
    groups: idsOf('group', groups, await findGroups(ctx.db, groups)),
    roles: idsOf('role', roles, await findRoles(ctx.db, roles)),
  };
}

function reminders({ options }: CommandScope): JsonObject[] {
  return [
    ...textsOption(options, 'remindAfter').map((text) => ({ when: 'after_sending', duration: readDuration(text) })),
    ...textsOption(options, 'remindBefore').map((text) => ({ when: 'before_expiry', duration: readDuration(text) })),
  ];
}

function usesOf({ options }: CommandScope): number | null {
  const limit = textOption(options, 'maxUses');
  const single = options['singleUse'] === true;
  if (single && limit !== '') throw new CommandError('--single-use is --max-uses 1; say one of them.');
  return single ? 1 : limit === '' ? null : readCount(limit, '--max-uses');
}

/** What of the options is what the own API takes; what they say is judged there. */
async function inputOf(scope: CommandScope): Promise<JsonObject> {
  const { ctx, options } = scope;
  const text = (name: string): string => textOption(options, name);
  const flow = text('flow');
  if (!(await findFlow(ctx.db, flow))) throw new CommandError(`There is no flow ${flow}.`);
  const [email, expires, accountExpires] = [text('email'), text('expires'), text('accountExpires')];
  const to = textsOption(options, 'to');
  return {
    name: text('name'),
    flow,
    expires: expires === '' ? null : readExpiry(expires, ctx.clock),
    max_uses: usesOf(scope),
    fixed_data: fixedData(scope),
    locked: options['locked'] === true,
    ...(await gifts(scope)),
    restrict_to: textsOption(options, 'restrictTo'),
    account_expires: accountExpires === '' ? null : readDuration(accountExpires),
    approval: options['approval'] === true,
    message: text('message'),
    message_format: options['markdown'] === true ? 'markdown' : 'plain',
    language: text('language'),
    on_behalf_of: text('onBehalfOf'),
    redirect: text('redirect'),
    recipients: to.length === 0 && email !== '' ? [email] : to,
    reminders: reminders(scope),
    // Without the option as the server is set; with `--no-secret-link` it is not.
    ...(typeof options['secretLink'] === 'boolean' ? { secret_link: options['secretLink'] } : {}),
    with_code: options['code'] !== false,
  };
}

async function send(caller: Caller, made: JsonObject): Promise<JsonObject> {
  const params = { id: cell(made['id']) };
  const { queued = 0 } = await callForObject(caller, sendInvitation, { params, json: {} });
  const { sent = null, changed = null } = await callForObject(caller, readInvitation, { params });
  return { sent, changed, queued };
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
    { flags: '--single-use', description: 'for one person; without it any number may use the link' },
    { flags: '--max-uses <number>', description: 'for this many people' },
    { flags: '--expires <when>', description: '30m, 12h, 7d, 2w or an instant; without it the link never expires' },
    { flags: '--restrict-to <address...>', description: 'for these addresses, or domains such as @example.org, only' },
    { flags: '--secret-link', description: 'the link has a secret and is shown now and never again' },
    { flags: '--no-secret-link', description: 'it has none, whatever VESTIBULE_SECRET_LINKS says' },
    { flags: '--no-code', description: 'it gets no code that can be typed' },
    { flags: '--email <address>', description: 'fills in the e-mail address' },
    { flags: '--attributes <json>', description: 'attributes of the new account, a JSON object' },
    { flags: '--fixed-data <json>', description: 'other values of the new account, such as {"name":"Alice Smith"}' },
    { flags: '--locked', description: 'the person may not change what is filled in' },
    { flags: '--group <group...>', description: 'groups of the new account, by name or id' },
    { flags: '--role <role...>', description: 'roles of the new account, by name or id' },
    { flags: '--approval', description: 'the account waits until somebody approves it' },
    { flags: '--account-expires <when>', description: 'the account ends: 90d after it was made, or at an instant' },
    { flags: '--on-behalf-of <name>', description: 'in whose name you invite; its first page says so' },
    { flags: '--message <text>', description: 'what its first page and its mail say' },
    { flags: '--markdown', description: 'the message is Markdown' },
    { flags: '--language <tag>', description: 'language of its mail and page, such as de' },
    { flags: '--redirect <path>', description: 'where the person goes at the end: a path of this server' },
    { flags: '--to <address...>', description: 'to whom it is mailed; without it, to the address of --email' },
    { flags: '--send', description: 'mail it now; needs a mail server' },
    {
      flags: '--remind-after <duration...>',
      description: 'mail again this long after sending, such as 3d, if not used',
    },
    { flags: '--remind-before <duration...>', description: 'the same, this long before it expires' },
    asOption,
  ],
  help: `The options are the fields of Vestibule's own API and are checked as they are there. With --json everything about the
invitation is printed, including its code, which is shown now and never again.

Examples
  vestibule invite --name alice --email alice@example.org --single-use --expires 7d
  vestibule invite --name alice --email alice@example.org --single-use --expires 14d --send --message 'Welcome!' \\
    --remind-after 3d --remind-before 1d
  vestibule invite --name sales --max-uses 20 --group Sales --restrict-to @example.org --secret-link
  vestibule invite --name intern --single-use --account-expires 90d --approval --role Interns --on-behalf-of 'Ada Lovelace'
  vestibule invite --name sales --attributes '{"department":"Sales"}' --locked --json`,
  run,
};
