import { planKey } from '../../../core/flows/index.ts';
import { findPasswordHash } from '../../../core/users/index.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Queryable } from '../../../kernel/db/types.ts';
import { isJsonObject } from '../../../kernel/schema/types.ts';
import type { Json } from '../../../kernel/schema/types.ts';

/** What a mailed link is bound to (T19); it stands in the plan that the link restores, and in no other. */
export type MailedLink = {
  readonly stage: string;
  /** The flow token's id: it is taken when the link is used, and exists once. */
  readonly token: string;
  readonly user: number;
  readonly address: string;
  /** The session that asked for the mail. */
  readonly session: string;
  /** Who made the link and may have kept it; absent: nobody but the owner of the address got it. */
  readonly maker?: number;
  /** Of the password as it was: who changed it meanwhile has no use for the link any more, and nobody else has (E04). */
  readonly password: string;
};

/** What the flow token of a mail is called: one a stage and user, so that a newer mail takes the older one's place (T19). */
export const tokenIdentifier = (stage: string, user: number): string => `email-stage:${stage}:${user}`;

/** What the flow tokens of all mails to a user are called, as a pattern of SQL. */
export const tokenPattern = (user: number): string => `email-stage:%:${user}`;

const KEYS = ['stage', 'token', 'address', 'session', 'password'] as const;

/** What {@link MailedLink} keeps of an account's password. */
export async function passwordMark(ctx: Pick<Context, 'vault'>, db: Queryable, userId: number): Promise<string> {
  return markOf(ctx, await findPasswordHash(db, userId));
}

/** The mark of a password's hash. */
export function markOf({ vault }: Pick<Context, 'vault'>, hash: string | undefined): string {
  return vault.fingerprint(hash ?? '', 'email-link');
}

function isLink(value: Json): value is Json & MailedLink {
  return (
    isJsonObject(value) && typeof value['user'] === 'number' && KEYS.every((key) => typeof value[key] === 'string')
  );
}

/** The link that restored the plan. */
export const mailedLink = planKey<Json & MailedLink>('email_link', (value) => (isLink(value) ? value : undefined));

/** Stages of the plan that have sent their mail. */
export const mailedStages = planKey('email_sent', (value) => (Array.isArray(value) ? value : undefined));

/** Wrong addresses that were typed in a browser that did not ask for the mail. */
export const wrongAddresses = planKey('email_wrong_addresses', (value) =>
  typeof value === 'number' ? value : undefined,
);
