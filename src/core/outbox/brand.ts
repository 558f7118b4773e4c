import type { Context } from '../../kernel/context.ts';
import { extensionPoint } from '../../kernel/feature.ts';

/** Who a mail is from in the eyes of its reader. */
export type MailBrand = {
  readonly name: string;
  /** An absolute address; null without a logo. */
  readonly logoUrl: string | null;
};

/** Tells the brand of a host; at most one feature does. */
export type MailBrandSource = (ctx: Pick<Context, 'db' | 'config'>, host: string) => Promise<MailBrand>;

const NAME = 'mail-brand';

/** The point through which brands reach mails: the outbox stands before them. */
export const mailBrandSource = extensionPoint<MailBrandSource>(NAME, () => NAME);

const PLAIN: MailBrand = { name: 'Vestibule', logoUrl: null };

/** The brand of mails that name this host. */
export async function mailBrand(ctx: Pick<Context, 'db' | 'config' | 'registry'>, host: string): Promise<MailBrand> {
  return (await ctx.registry.find(mailBrandSource, NAME)?.(ctx, host)) ?? PLAIN;
}
