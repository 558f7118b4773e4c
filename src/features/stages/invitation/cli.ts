import { findFlow } from '../../../core/flows/index.ts';
import { findUserByUsername } from '../../../core/users/index.ts';
import { CommandError } from '../../../kernel/cli/command.ts';
import type { Command, CommandScope } from '../../../kernel/cli/command.ts';
import { parseTimestamp } from '../../../kernel/schema/datetime.ts';
import { isSlug } from '../../../kernel/schema/slug.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json, JsonObject } from '../../../kernel/schema/types.ts';
import { insertInvitation } from './store.ts';

const DEFAULT_FLOW = 'invitation-enrollment-flow';
const DURATION = /^(\d{1,5})(m|h|d|w)$/;
const SECONDS = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** When it ends: seconds from now, or an instant. */
function readExpiry(text: string | undefined): { seconds?: number; instant?: string } {
  if (text === undefined) return {};
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount && (unit === 'm' || unit === 'h' || unit === 'd' || unit === 'w')) {
    return { seconds: Number(amount) * SECONDS[unit] };
  }
  const parsed = parseTimestamp(text);
  if ('value' in parsed) return { instant: parsed.value };
  throw new CommandError('--expires takes 30m, 12h, 7d, 2w or an instant such as 2030-01-31T12:00:00Z.');
}

function readAttributes(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  try {
    const value: Json = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Told below: what JSON.parse says would repeat the text.
  }
  throw new CommandError('--attributes takes a JSON object such as {"department":"Sales"}.');
}

const text = (options: CommandScope['options'], key: string): string | undefined => {
  const value = options[key];
  return typeof value === 'string' ? value : undefined;
};

async function run({ ctx, options }: CommandScope) {
  const name = text(options, 'name') ?? '';
  if (!isSlug(name) || name.length > 50) {
    throw new CommandError('--name takes up to 50 letters, digits, hyphens and underscores.');
  }
  const slug = text(options, 'flow') ?? DEFAULT_FLOW;
  const flow = await findFlow(ctx.db, slug);
  if (!flow) throw new CommandError(`There is no flow ${slug}.`);
  const as = text(options, 'as') ?? 'akadmin';
  const creator = await findUserByUsername(ctx.db, as);
  if (!creator) throw new CommandError(`There is no user ${as}; name the inviter with --as.`);
  const attributes = readAttributes(text(options, 'attributes'));
  const email = text(options, 'email');
  const invitation = await insertInvitation(ctx.db, {
    name,
    flow: flow.flow_uuid,
    createdBy: creator.id,
    singleUse: options['singleUse'] === true,
    fixedData: {
      ...(email === undefined ? {} : { email }),
      ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    },
    ...readExpiry(text(options, 'expires')),
  });
  const base = ctx.config.publicUrl ?? `http://${ctx.config.listen.host}:${ctx.config.listen.port}`;
  const link = `${base}/if/flow/${slug}/?itoken=${invitation.pk}`;
  return { text: link, json: { ...invitation, name, flow: slug, link } };
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
    { flags: '--attributes <json>', description: 'attributes of the new account, a JSON object' },
    { flags: '--as <username>', description: 'who invites', default: 'akadmin' },
  ],
  help: `Examples
  vestibule invite --name alice --email alice@example.org --single-use --expires 7d
  vestibule invite --name sales --attributes '{"department":"Sales"}' --json`,
  run,
};
