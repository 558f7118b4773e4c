import { testApp } from '../app.ts';
import type { TestApp, TestAppOptions } from '../app.ts';
import type { Answer } from '../jar.ts';
import { Jar } from '../jar.ts';

/** A server that believes its proxy, so that tests come from any address, and forgives only a few failures of one. */
export function appWithAddresses(failures: number, options: TestAppOptions = {}): Promise<TestApp> {
  const env = { VESTIBULE_TRUSTED_PROXIES: '127.0.0.1', VESTIBULE_ADDRESS_FAILURES: String(failures) };
  return testApp({ ...options, env: { ...env, ...options.env } });
}

/** A fresh browser at an address. */
export function browserAt(app: TestApp, address: string): Jar {
  return new Jar(async ({ method, url, headers, payload }) => {
    const answer = await app.http.inject({
      method: method as 'GET',
      url,
      headers: { host: 'localhost', ...headers, 'x-forwarded-for': address },
      ...(payload === undefined ? {} : { payload }),
    });
    const type = String(answer.headers['content-type'] ?? '');
    const body: unknown = type.startsWith('application/json') ? answer.json() : undefined;
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body };
  });
}

/** Whether a limit refused, in the contract's words and with a time to come again. */
export function isThrottled({ status, headers, body }: Answer): boolean {
  const seconds = Number(headers['retry-after']);
  return (
    status === 429 &&
    Number.isInteger(seconds) &&
    seconds > 0 &&
    /^Request was throttled\. Expected available in \d+ seconds?\.$/.test(body?.detail)
  );
}
