import { CommandError, textOption } from '../../kernel/cli/command.ts';
import type { Command, CommandScope } from '../../kernel/cli/command.ts';
import type { Context } from '../../kernel/context.ts';
import { parseEmail } from '../../kernel/schema/email.ts';
import { parseUuid } from '../../kernel/schema/uuid.ts';
import { findTemplate, loadCatalogue } from './catalogue.ts';
import type { MailTemplate } from './catalogue.ts';
import { renderMail } from './render.ts';
import type { Rendered } from './render.ts';
import { resendMail } from './resend.ts';
import { sampleValues } from './sample.ts';
import { listByState } from './store.ts';
import type { Delivery } from './store.ts';
import { LANGUAGES, PARTS } from './template.ts';

const DEFAULT_TEMPLATE = 'notice';

async function namedTemplate(ctx: Context, name: string): Promise<MailTemplate> {
  const template = await findTemplate(ctx, name);
  if (template) return template;
  const { templates } = await loadCatalogue(ctx);
  throw new CommandError(`There is no mail template ${name}; there are ${[...templates.keys()].join(', ')}.`);
}

async function render(ctx: Context, template: MailTemplate, options: CommandScope['options']): Promise<Rendered> {
  const language = textOption(options, 'language');
  if (language !== '' && !LANGUAGES.some((known) => known === language)) {
    throw new CommandError(`--language takes ${LANGUAGES.join(' or ')}.`);
  }
  const values = await sampleValues(ctx, template);
  return renderMail(ctx, template, { values, language: language === '' ? undefined : language });
}

/** `vestibule mail test`: hands one sample mail to the server, now, and says what it answered. */
export const testMail: Command = {
  name: 'mail test',
  arguments: '<address>',
  description: 'Send a sample mail and print what the server answered.',
  options: [
    { flags: '--template <name>', description: 'the template', default: DEFAULT_TEMPLATE },
    { flags: '--language <language>', description: 'en or de; VESTIBULE_MAIL_LANGUAGE without it' },
  ],
  async run({ ctx, arguments: [given = ''], options }) {
    const to = parseEmail(given);
    if (to === undefined) throw new CommandError(`${JSON.stringify(given)} is no e-mail address.`);
    if (!ctx.mail.configured)
      throw new CommandError('No mail server is configured: set VESTIBULE_SMTP_URL and VESTIBULE_MAIL_FROM.');
    const template = await namedTemplate(ctx, textOption(options, 'template'));
    const mail = await render(ctx, template, options);
    const host = new URL(ctx.config.publicUrl ?? 'http://localhost').hostname;
    const messageId = `<${ctx.random.uuid()}@${host}>`;
    const message = { ...mail, messageId, from: ctx.mail.from, to, cc: [], recipients: [to], date: ctx.clock.now() };
    const [verdict] = await ctx.mail.send(message);
    if (verdict?.outcome !== 'sent')
      throw new CommandError(`The server did not take it: ${verdict?.answer ?? 'no answer'}`);
    return { text: `Sent to ${to}: ${verdict.answer}`, json: { to, messageId, answer: verdict.answer } };
  },
};

/** `vestibule mail preview`: a template with sample values; without a name, which templates there are. */
export const previewMail: Command = {
  name: 'mail preview',
  arguments: '[template]',
  description: 'Print a mail template filled with sample values; without a name, list the templates.',
  options: [
    { flags: '--language <language>', description: 'en or de; VESTIBULE_MAIL_LANGUAGE without it' },
    { flags: '--format <format>', description: 'html, text or subject', default: 'text' },
  ],
  async run({ ctx, arguments: [name], options }) {
    if (name === undefined) {
      const templates = [...(await loadCatalogue(ctx)).templates.values()];
      const text = templates.map((template) => `${template.name}  ${template.description}`).join('\n');
      return { text, json: templates.map(({ name: own, description }) => ({ name: own, description })) };
    }
    const part = PARTS.find((known) => known === textOption(options, 'format'));
    if (!part) throw new CommandError('--format takes html, text or subject.');
    const mail = await render(ctx, await namedTemplate(ctx, name), options);
    return { text: mail[part], json: mail };
  },
};

const LISTED = 200;
const STATES = ['queued', 'deferred', 'failed', 'cancelled', 'sent'];

function lineOf({ message, state, address, cause, object, tries, answer }: Delivery): string {
  return `${message}  ${state}  ${address}  ${cause} ${object ?? ''}  ${tries} tries  ${answer}`;
}

/** `vestibule mail list`: who was not reached, and why. */
export const listMail: Command = {
  name: 'mail list',
  description: `List mails by state, the newest ${LISTED}, with the server's last answer.`,
  options: [{ flags: '--state <state>', description: STATES.join(', '), default: 'failed' }],
  async run({ ctx, options }) {
    const state = textOption(options, 'state');
    if (!STATES.includes(state)) throw new CommandError(`--state takes ${STATES.join(', ')}.`);
    const rows = await listByState(ctx.db, state, LISTED);
    return { text: rows.map(lineOf).join('\n') || 'None.', json: rows };
  },
};

/** `vestibule mail resend`: another try for those whom a message did not reach. */
export const resendCommand: Command = {
  name: 'mail resend',
  arguments: '<message>',
  description: 'Try a failed mail again for those whom it did not reach.',
  async run({ ctx, arguments: [given = ''] }) {
    const message = parseUuid(given);
    if (message === undefined) throw new CommandError('A message is named by its id; "vestibule mail list" has them.');
    const people = await ctx.db.transaction((tx) => resendMail(tx, message));
    if (people === 0) throw new CommandError('There is nobody to send it to again, or its content was removed.');
    return { text: `Queued again for ${people} people.`, json: { message, people } };
  },
};
