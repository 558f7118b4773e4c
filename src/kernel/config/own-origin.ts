import type { Config } from './config.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

/** Our own origin where no request asks: the configured one, else where we listen if nobody else can reach that (D9). */
export function ownOrigin({ publicUrl, listen }: Pick<Config, 'publicUrl' | 'listen'>): string | undefined {
  if (publicUrl) return publicUrl;
  if (!LOOPBACK.test(listen.host)) return undefined;
  return `http://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`;
}

// An address that stands for all of them leads nowhere.
const WILDCARDS = ['0.0.0.0', '::'];

/** Our own origin as a terminal of this machine shows it: the configured one, else where we listen. */
export function localOrigin({ publicUrl, listen }: Pick<Config, 'publicUrl' | 'listen'>): string {
  if (publicUrl) return publicUrl;
  const host = WILDCARDS.includes(listen.host) ? 'localhost' : listen.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${listen.port}`;
}
