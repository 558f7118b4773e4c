/** Who a mail is from in the eyes of its reader. */
export type MailBrand = {
  readonly name: string;
  /** An absolute address; null without a logo. */
  readonly logoUrl: string | null;
};

/** The brand of every mail. There is one look for all hosts; whoever adds brands asks them here. */
export function mailBrand(): MailBrand {
  return { name: 'Vestibule', logoUrl: null };
}
