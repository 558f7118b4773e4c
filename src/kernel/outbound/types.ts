/** One request to the world. */
export type OutboundRequest = {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For everything together, from the look-up of the name to the last byte; 15 s unless given. */
  readonly timeoutMs?: number;
  /** Bytes of the answer that are read; the rest is not waited for. 16 KiB unless given. */
  readonly maxBytes?: number;
};

/** What came back. A redirect is an answer like any other: it is not followed. */
export type OutboundAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** At most `maxBytes` of it. */
  readonly body: Buffer;
};

/** The only HTTP client of the server; it reaches public addresses, and those that the operator allows (E14). */
export type Outbound = {
  /** @throws OutboundError in words that name neither the query nor what was sent */
  send(request: OutboundRequest): Promise<OutboundAnswer>;
  /** Why the URL could never be called, as far as it can be told without looking anything up; undefined: it may be. */
  refusal(url: string): string | undefined;
};

/** A request that was refused before it was made, or that failed on the way. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
}
