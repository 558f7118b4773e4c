import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { mayReach } from './guard.ts';
import { createOutbound } from './outbound.ts';
import { OutboundError } from './types.ts';

const LOOPBACK = ['127.0.0.0/8'];

async function serve(answer: RequestListener): Promise<{ url: string; hits: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, hits: () => count };
}

const post = (url: string) => ({ url, method: 'POST' as const, headers: {}, body: 'hello' });

describe('an address', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '::',
    '::1',
    'fe80::1',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2001:db8::1',
    '4000::1',
    'fe80::1%lo',
    'no address',
  ])('%s is not reached (E14)', (address) => {
    expect(mayReach(address, [])).toBe(false);
  });

  test.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is reached', (address) => {
    expect(mayReach(address, [])).toBe(true);
  });

  test('is reached in a network that the operator allows, also written as IPv6, and next to it is not', () => {
    const allowed = ['10.1.0.0/16', 'fd00::1'];
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1'].map((address) => mayReach(address, allowed))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['10.2.0.1', 'fd00::2', '127.0.0.1'].map((address) => mayReach(address, allowed))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('a request', () => {
  test('brings back status, headers and body', async () => {
    const { url } = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => response.writeHead(201, { 'x-seen': request.method ?? '' }).end(Buffer.concat(chunks)));
    });
    const answer = await createOutbound(LOOPBACK).send(post(url));
    expect([answer.status, answer.headers['x-seen'], answer.body.toString()]).toEqual([201, 'POST', 'hello']);
  });

  test.each(['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'to %s is refused before anything is sent (E14)',
    async (host) => {
      const { url, hits } = await serve((_request, response) => response.end());
      const target = url.replace('127.0.0.1', host);
      await expect(createOutbound([]).send(post(target))).rejects.toThrow(OutboundError);
      expect(hits()).toBe(0);
    },
  );

  test('follows no redirect (E14)', async () => {
    const inner = await serve((_request, response) => response.end('inner'));
    const { url } = await serve((_request, response) => response.writeHead(302, { location: inner.url }).end());
    expect((await createOutbound(LOOPBACK).send(post(url))).status).toBe(302);
    expect(inner.hits()).toBe(0);
  });

  test('reads no more of an endless answer than it was told', async () => {
    const { url } = await serve((_request, response) => {
      const more = (): void => void (response.destroyed || (response.write('x'.repeat(1000)), setImmediate(more)));
      more();
    });
    const answer = await createOutbound(LOOPBACK).send({ ...post(url), maxBytes: 2500 });
    expect(answer.body.length).toBe(2500);
  });

  test('gives up a server that says nothing, and one that never ends', async () => {
    const silent = await serve(() => {});
    const dripping = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const outbound = createOutbound(LOOPBACK);
    for (const { url } of [silent, dripping]) {
      await expect(outbound.send({ ...post(url), timeoutMs: 300 })).rejects.toThrow('no answer within');
    }
  });

  test('that finds nobody says why, and nothing of the query', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const failed = createOutbound(LOOPBACK).send(post(`http://127.0.0.1:${port}/?key=hidden`));
    await expect(failed).rejects.toThrow('ECONNREFUSED');
    await expect(failed).rejects.not.toThrow('hidden');
  });
});

test.each(['ftp://example.org/', 'file:///etc/passwd', 'https://user:pass@example.org/', 'x', 'http://[::1]/'])(
  'the URL %s is refused by its text',
  (url) => {
    expect(createOutbound([]).refusal(url)).toBeDefined();
  },
);

test('a public name is not refused by its text', () => {
  expect(createOutbound([]).refusal('https://hooks.example.org/path')).toBeUndefined();
});
