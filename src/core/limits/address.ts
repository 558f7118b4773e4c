import type { RequestContext } from '../../kernel/context.ts';
import { networkOf } from '../../kernel/http/network.ts';
import type { Limit } from './limit.ts';

const SECONDS = 900;

/**
 * How often a client's network may be wrong about something secret in a quarter of an hour
 * (`VESTIBULE_ADDRESS_FAILURES`).
 * @param kind what it is about; each is counted apart
 */
export function failuresOfAddress({ config, clientIp }: RequestContext, kind: string): Limit {
  return { kind, key: networkOf(clientIp), points: config.addressFailures, seconds: SECONDS };
}
