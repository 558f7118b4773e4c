/** Where mail is handed over, read from `VESTIBULE_SMTP_URL`. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`). */
  readonly secure: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
  /** Whether a server that offers no STARTTLS is refused. */
  readonly requireTls: boolean;
  /** Whether the server's certificate must be good. */
  readonly verifies: boolean;
  /** Seconds of silence after which the server is given up; a minute unless given. */
  readonly timeout?: number;
  /** What we call ourselves in EHLO; the machine's name unless given. */
  readonly name: string | undefined;
};

/** Who mails are from. */
export type Sender = { readonly name: string; readonly address: string };

/** One message as it goes out. */
export type Outgoing = {
  /** With angle brackets; the same at every try. */
  readonly messageId: string;
  readonly from: Sender;
  /** The `To` and `Cc` headers: one address, and those of the list. */
  readonly to: string;
  readonly cc: readonly string[];
  /** Whom this try is for: addresses of the headers and of nobody else to be seen. */
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** BCP 47, for the `Content-Language` header. */
  readonly language: string;
  readonly date: Date;
};

/** What the server said about one recipient. */
export type Verdict = {
  /** `again`: a temporary refusal, or no answer at all. */
  readonly outcome: 'sent' | 'again' | 'refused';
  /** The server's words, or what went wrong on the way; one line of at most 500 characters. */
  readonly answer: string;
};

/** The mechanism that hands mail to the world; nothing else talks SMTP. */
export type Mail = {
  /** Whether a server is configured. */
  readonly configured: boolean;
  /** Who mails are from unless they say otherwise. */
  readonly from: Sender;
  /**
   * Hands one message over, to another server than the configured one if one is given. Out: a verdict for each recipient,
   * in their order. Never throws.
   */
  send(message: Outgoing, server?: SmtpServer): Promise<readonly Verdict[]>;
  /** Connects, signs in and leaves. Out: what went wrong, undefined when all is well. */
  check(): Promise<string | undefined>;
  /** Closes the connections that are kept for the next message. */
  close(): void;
};
