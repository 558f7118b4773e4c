import type { LookupFunction } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { parseTarget, refusalOf, resolveTarget } from './guard.ts';
import type { Address } from './guard.ts';
import { OutboundError } from './types.ts';
import type { Outbound, OutboundAnswer, OutboundRequest } from './types.ts';

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 16 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

/** Answers every look-up with the address that was checked. */
function pinned(address: Address): LookupFunction {
  return (_name, options, done) => {
    if (options.all === true) done(null, [address]);
    else done(null, address.address, address.family);
  };
}

async function readUpTo(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(Buffer.from(chunk));
    size += chunks.at(-1)?.length ?? 0;
    // Leaving the loop destroys the rest.
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

const single = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? value.join(', ') : (value ?? '');

type Call = { readonly request: OutboundRequest; readonly url: URL; readonly address: Address };

async function call({ request, url, address }: Call, signal: AbortSignal): Promise<OutboundAnswer> {
  // Not before it is needed: most servers never call another.
  const { Client } = await import('undici');
  // A client of its own for each request: no connection outlives what was checked for it.
  const client = new Client(url.origin, {
    connect: { lookup: pinned(address), timeout: TIMEOUT_MS },
    maxHeaderSize: MAX_HEADER_BYTES,
    pipelining: 1,
  });
  try {
    const { statusCode, headers, body } = await client.request({
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { 'user-agent': 'Vestibule', ...request.headers },
      body: request.body ?? null,
      signal,
    });
    const read = await readUpTo(body, request.maxBytes ?? MAX_BYTES);
    const named = Object.entries(headers).map(([name, value]) => [name, single(value)] as const);
    return { status: statusCode, headers: Object.fromEntries(named), body: read };
  } finally {
    await client.destroy();
  }
}

/** What went wrong on the way, in words; a code of the system, and nothing of the request. */
function failureOf(error: unknown): OutboundError {
  if (error instanceof OutboundError) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return new OutboundError(`The connection failed: ${code ?? 'no answer that could be read'}.`);
}

/** The guarded HTTP client. `allowed`: networks beside the public ones (`VESTIBULE_OUTBOUND_ALLOW`). */
export function createOutbound(allowed: readonly string[]): Outbound {
  return {
    refusal: (url) => refusalOf(url, allowed),
    async send(request) {
      const url = parseTarget(request.url);
      const stop = new AbortController();
      const { timeoutMs = TIMEOUT_MS } = request;
      const work = resolveTarget(url, allowed).then((address) => call({ request, url, address }, stop.signal));
      // Not left to the signal alone: a look-up of a name does not heed it.
      const late = after(timeoutMs, undefined, { signal: stop.signal }).then(() => {
        throw new OutboundError(`There was no answer within ${Math.round(timeoutMs / 1000)} seconds.`);
      });
      try {
        return await Promise.race([work, late]);
      } catch (error) {
        throw failureOf(error);
      } finally {
        stop.abort();
        // Whichever lost the race ends now, unheard.
        void Promise.allSettled([work, late]);
      }
    },
  };
}
