import { baseUrl } from '../../../../core/flows/index.ts';
import { requireMail } from '../../../../core/outbox/index.ts';
import type { MailTemplate } from '../../../../core/outbox/index.ts';
import type { RequestContext } from '../../../../kernel/context.ts';
import { ValidationError, noMatch, permissionDenied } from '../../../../kernel/errors/index.ts';
import { defineEndpoint } from '../../../../kernel/http/endpoint.ts';
import type { HttpRequest } from '../../../../kernel/http/message.ts';
import { defineShape, f } from '../../../../kernel/resource/fields.ts';
import type { Row } from '../../../../kernel/resource/resource.ts';
import { parseEmail } from '../../../../kernel/schema/email.ts';
import type { Json } from '../../../../kernel/schema/types.ts';
import { findPromised } from '../accept/store.ts';
import { mailErrors } from '../errors.ts';
import { findInvitationTemplate, mailInvitation } from '../mailing.ts';
import { Invitation } from '../resources/invitation.ts';
import { PLAIN, noteSent } from '../store.ts';
import type { Sending as SendingParts } from '../store.ts';
import { refusedGifts } from '../v1/rights.ts';

const DEFAULT_TEMPLATE = 'invitation';
const MAX_RECIPIENTS = 50;
const LISTS = ['email_addresses', 'cc_addresses', 'bcc_addresses'] as const;

const InvitationSendEmail = defineShape(
  'InvitationSendEmail',
  {
    email_addresses: f.list(f.json()),
    cc_addresses: f.list(f.json(), { required: false }),
    bcc_addresses: f.list(f.json(), { required: false }),
    template: f.string({ default: DEFAULT_TEMPLATE, documentDefault: true }),
  },
  { description: 'Serializer for sending invitation emails' },
);

type List = (typeof LISTS)[number];
type Body = { readonly [key in List]?: readonly unknown[] } & { readonly template?: string };
type People = Readonly<Record<List, readonly string[]>>;

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** The addresses of one list; a fault names the place of the first bad one, and not what stands there. */
function readList(items: readonly unknown[]): { addresses: string[]; fault: string | undefined } {
  const read = items.map((item) => (typeof item === 'string' ? parseEmail(item) : undefined));
  const bad = read.indexOf(undefined);
  const fault = bad === -1 ? undefined : `Enter a valid email address (item ${bad + 1}).`;
  return { addresses: [...new Set(read.filter((address) => address !== undefined))], fault };
}

/** Reads the lists and finds the template. @throws ValidationError naming every bad field */
async function check(ctx: RequestContext, body: Body): Promise<{ people: People; template: MailTemplate }> {
  const faults: Record<string, string[]> = {};
  const lists = LISTS.map((name) => [name, readList(body[name] ?? [])] as const);
  for (const [name, { fault }] of lists) if (fault) faults[name] = [fault];
  const count = LISTS.reduce((sum, name) => sum + (body[name]?.length ?? 0), 0);
  if (count > MAX_RECIPIENTS) {
    faults['email_addresses'] = [`At most ${MAX_RECIPIENTS} recipients in all; these are ${count}.`];
  }
  const template = await findInvitationTemplate(ctx, body.template ?? DEFAULT_TEMPLATE);
  if (!template) faults['template'] = ['There is no such template for invitations.'];
  if (!template || Object.keys(faults).length > 0) throw new ValidationError(faults);
  return { people: everybodyOnce(lists.map(([, { addresses }]) => addresses)), template };
}

/** Who has a mail of their own stands in no list beside, and who can be seen is not hidden as well. */
function everybodyOnce([to = [], cc = [], bcc = []]: readonly (readonly string[])[]): People {
  const visible = new Set([...to, ...cc]);
  return {
    email_addresses: to,
    cc_addresses: cc.filter((address) => !to.includes(address)),
    bcc_addresses: bcc.filter((address) => !visible.has(address)),
  };
}

/**
 * Refuses who may not hand out the link: a mail of one with a secret link tells its secret, also to who mails it to
 * themselves, so they must be able to give what it gives (T14, A23). Without a secret whoever sees it has the link.
 */
async function checkGiver(ctx: RequestContext, { invite_uuid: id, secret_hash: hash }: Row): Promise<void> {
  if (hash === null) return;
  const refused = await refusedGifts(ctx, ctx.db, await findPromised(ctx.db, String(id)));
  if (refused.length > 0) throw permissionDenied();
}

type Sending = {
  readonly id: string;
  readonly people: People;
  readonly template: MailTemplate;
  /** SQL that the invitation must fulfil. */
  readonly only: string;
};

/** Out: whether they were queued. */
async function queue(ctx: RequestContext, request: HttpRequest, sending: Sending): Promise<boolean> {
  const { id, people, template, only } = sending;
  const [first, ...others] = people.email_addresses;
  if (first === undefined) return false;
  // The lists ride on the first message (contract D10).
  const lists = { cc: people.cc_addresses, bcc: people.bcc_addresses };
  const mails = [{ to: first, template, ...lists }, ...others.map((to) => ({ to, template }))];
  const write = (parts: SendingParts): Promise<string | undefined> => noteSent(ctx.db, { id, only }, parts);
  const mailing = { id, base: baseUrl(ctx, request), userId: ctx.actor?.id, mails, write };
  return (await mailInvitation(ctx, ctx.db, mailing)) !== undefined;
}

/** Mails the link of an invitation (contract part 1, 2.9). What it answers is that the mails are in the outbox. */
export const sendEmail = defineEndpoint({
  on: Invitation,
  method: 'POST',
  path: 'send_email/',
  operationId: 'stages_invitation_invitations_send_email_create',
  description: 'Send invitation link via email to one or more addresses',
  // Seeing an invitation is not the right to mail in the name of this installation (T21).
  permission: 'authentik_stages_invitation.add_invitation',
  body: InvitationSendEmail,
  responses: { 204: null },
  async atOnce(ctx, { key, body, request }) {
    const { people, template } = await check(ctx, body);
    requireMail(ctx);
    const isQueued = await queue(ctx, request, { id: String(key), people, template, only: PLAIN });
    return isQueued ? { value: undefined } : undefined;
  },
  admit: checkGiver,
  before(_ctx, { raw, object }) {
    if (isEmpty(raw['email_addresses'])) throw mailErrors.noAddresses();
    if (object['flow'] === null) throw mailErrors.noFlow();
  },
  async handle(ctx, { object, body, request }) {
    const { people, template } = await check(ctx, body);
    requireMail(ctx);
    const isQueued = await queue(ctx, request, { id: String(object['invite_uuid']), people, template, only: 'true' });
    if (!isQueued) throw noMatch(Invitation.name);
  },
});
