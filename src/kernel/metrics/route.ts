import { BlockList, isIP } from 'node:net';
import type { Config } from '../config/config.ts';
import { notFound } from '../errors/catalogue.ts';
import type { HttpRequest } from '../http/message.ts';
import type { RawRoute } from '../http/raw-route.ts';
import { scrape } from './scrape.ts';

export const METRICS_PATH = '/-/metrics/';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether it is an address of this machine's loopback, or its name. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  const version = isIP(bare);
  if (version === 0) return bare === 'localhost';
  return loopback.check(bare, version === 4 ? 'ipv4' : 'ipv6');
}

/** Nobody outside reaches the listener: it is bound to loopback, and nothing speaks of a proxy in front of it. */
function isPrivate({ listen, publicUrl, trustedProxies, metricsListen }: Config): boolean {
  return !metricsListen && isLoopback(listen.host) && publicUrl === undefined && trustedProxies.length === 0;
}

// By its name too, or any web page could rebind its own name to 127.0.0.1 and read along.
function isLocal({ clientIp, host, headers }: HttpRequest): boolean {
  const proxied = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];
  if (proxied.some((name) => headers[name] !== undefined)) return false;
  return isLoopback(clientIp) && isLoopback(host.replace(/:\d+$/, ''));
}

/** The metrics on the public listener: only while nobody but this machine reaches it (A16, decision 0020). */
export const metricsRoute: RawRoute = {
  methods: ['GET'],
  path: METRICS_PATH,
  handle(ctx, request) {
    if (!isPrivate(ctx.config) || !isLocal(request)) throw notFound();
    return scrape(ctx);
  },
};
