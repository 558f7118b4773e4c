import { isIP } from 'node:net';

export type Listen = { readonly host: string; readonly port: number };

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;

/** `host:port`, `[::1]:9000`, or `:9000` for every IPv4 address. Port 0 asks for a free one. */
export function parseListen(text: string): Listen | undefined {
  const [, bracketed, plain = '', digits = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
  if (plain === '') return { host: '0.0.0.0', port };
  if (/^[\d.]+$/.test(plain) && isIP(plain) !== 4) return undefined;
  return HOST_NAME.test(plain) ? { host: plain, port } : undefined;
}

/** An http or https origin; out: without trailing slash, as browsers write it. */
export function parseOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isWeb && `${url.origin}/` === url.href && !/[?#@]/.test(text) ? url.origin : undefined;
}

/** `postgres://…` or `postgresql://…`; what is behind it is the driver's to judge. */
export function parseDatabaseUrl(text: string): string | undefined {
  return /^postgres(?:ql)?:\/\/\S+$/.test(text) ? text : undefined;
}

/** IP addresses and CIDR ranges, separated by commas; zones (`%eth0`) are refused. */
export function parseNetworks(text: string): readonly string[] | undefined {
  const networks = text.split(',').map((part) => part.trim());
  return networks.every(isNetwork) ? networks : undefined;
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

/** A decimal integer within both bounds. */
export function parseCount(text: string, min: number, max: number): number | undefined {
  if (!/^\d{1,9}$/.test(text)) return undefined;
  const count = Number(text);
  return count >= min && count <= max ? count : undefined;
}

/** One of the given words, by its exact spelling. */
export function parseWord<Word extends string>(words: readonly Word[]): (text: string) => Word | undefined {
  return (text) => words.find((word) => word === text);
}
