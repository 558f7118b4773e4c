import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogger } from './log.ts';
import type { LogOptions } from './log.ts';
import type { Logger } from './types.ts';

function capture(options: Partial<LogOptions>): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { log: createLogger({ level: 'info', format: 'json', ...options, destination }), lines };
}

function record(work: (log: Logger) => void, options: Partial<LogOptions> = {}): Record<string, unknown> {
  const { log, lines } = capture(options);
  work(log);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines.join(''));
}

describe('json', () => {
  test('is one object a line with time, level, message and fields', () => {
    const { log, lines } = capture({});
    log.info('user "signed" in\n', { user: 5, flow: { slug: 'x' }, list: [1, 'a'] });
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(lines.join(''))).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'info',
      message: 'user "signed" in\n',
      user: 5,
      flow: { slug: 'x' },
      list: [1, 'a'],
    });
  });

  test('levels below the chosen one are silent', () => {
    const { log, lines } = capture({ level: 'warn' });
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'error']);
  });

  test('a child adds its fields to every line, and a line may override them', () => {
    const { log, lines } = capture({});
    log.child({ request: 'r1', n: 1 }).child({ n: 2 }).info('x', { m: 3 });
    log.child({ request: 'r1' }).info('y', { request: 'r2' });
    log.info('z');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { request: 'r1', n: 2, m: 3 },
      { request: 'r2' },
      { message: 'z' },
    ]);
    expect(JSON.parse(lines[2] ?? '')).not.toHaveProperty('request');
  });
});

describe('secrets (T08)', () => {
  test.each([
    'password',
    'pass',
    'newPassword',
    'SECRET_KEY',
    'token',
    'itoken',
    'flow_token',
    'Cookie',
    'set-cookie',
    'Authorization',
  ])('the value of %s is redacted at every depth, in any format', (key) => {
    for (const format of ['json', 'text'] as const) {
      const { log, lines } = capture({ format });
      log.child({ [key]: 'hunter2' }).info('x', {
        [key]: ['hunter2'],
        a: { [key]: { x: 'hunter2' }, b: { c: { [key]: 'hunter2' }, d: [{ [key]: 'hunter2' }] } },
      });
      expect(lines.join('')).not.toContain('hunter2');
      expect(lines.join('')).toContain('[redacted]');
    }
  });

  test('what lies too deep is left out, circles included', () => {
    const circle: Record<string, unknown> = { password: 'hunter2' };
    circle['self'] = circle;
    const text = JSON.stringify(record((log) => log.info('x', { circle, a: { b: { c: { d: { e: 'hunter2' } } } } })));
    expect(text).not.toContain('hunter2');
    expect(text).toContain('[deep]');
  });

  test.each([
    'GET /if/flow/x/?itoken=hunter2&next=/',
    'GET /api/v3/flows/executor/x/?query=itoken%3Dhunter2%26next%3D%2F',
    'GET /?query=a%253Ditoken%253Dhunter2%2526b',
    '?ITOKEN=hunter2',
    'flow_token=hunter2',
    'Authorization: Bearer hunter2',
    'authorization: basic hunter2',
    'cookie authentik_session=hunter2; other=1',
    'cannot connect to postgres://user:hunter2@db:5432/x',
    'password=hunter2',
  ])('%s is masked in messages, fields and errors', (text) => {
    const cause = new Error(text);
    const { log, lines } = capture({ level: 'debug' });
    log.error(text, { url: text, list: [text], error: new Error(text, { cause }), [text]: 1 });
    const withoutKey = JSON.parse(lines.join(''));
    delete withoutKey[text];
    expect(JSON.stringify(withoutKey)).not.toContain('hunter2');
  });

  test('what stands beside a secret stays readable', () => {
    const { message } = record((log) =>
      log.info('GET /?a=1&itoken=abc&next=/x Bearer abc done, query=itoken%3Dabc%26b%3D1'),
    );
    expect(message).toBe(
      'GET /?a=1&itoken=[redacted]&next=/x Bearer [redacted] done, query=itoken%3D[redacted]%26b%3D1',
    );
  });

  test('flags and absent values under such names are no secrets', () => {
    expect(record((log) => log.info('x', { passed: true, token: null }))).toMatchObject({ passed: true, token: null });
  });

  test('bytes are counted, not printed', () => {
    expect(record((log) => log.info('x', { body: Buffer.from('hunter2') }))).toMatchObject({ body: '[7 bytes]' });
  });

  test('a long text is cut, and masking it takes no time', () => {
    const start = performance.now();
    const { message } = record((log) => log.info('://'.repeat(300_000) + 'token='.repeat(100_000)));
    expect(String(message).length).toBeLessThan(20_000);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('errors', () => {
  const failure = Object.assign(new TypeError('broken', { cause: new Error('root') }), {
    code: 'E1',
    detail: 'row (hunter2)',
  });

  test('show name, message, code and cause; the stack only at level error or when debugging', () => {
    const known = { name: 'TypeError', message: 'broken', code: 'E1', cause: { name: 'Error', message: 'root' } };
    expect(record((log) => log.warn('x', { err: failure }))['err']).toEqual(known);
    expect(record((log) => log.error('x', { error: failure }))['error']).toMatchObject({
      ...known,
      stack: expect.stringContaining('log.test.ts'),
    });
    expect(record((log) => log.warn('x', { err: failure }), { level: 'debug' })['err']).toHaveProperty('stack');
  });

  test('never show other properties', () => {
    expect(JSON.stringify(record((log) => log.error('x', { err: failure })))).not.toContain('hunter2');
  });
});

describe('text', () => {
  test('is a calm line: time, level, message, key=value', () => {
    const { log, lines } = capture({ format: 'text' });
    log.info('listening', { host: '::1', port: 9000, user: { name: 'Ann B' }, tags: ['a'], nothing: null, empty: '' });
    expect(lines.join('')).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info  listening host=::1 port=9000 user\.name="Ann B" tags=\["a"\] nothing=null empty=""\n$/,
    );
  });

  test('prints a stack below the line, indented', () => {
    const { log, lines } = capture({ format: 'text' });
    log.error('failed', { err: new Error('broken') });
    expect(lines.join('')).toMatch(
      /^\S+ \S+ error failed err\.name=Error err\.message=broken\n {4}Error: broken\n {4}at .+\n/,
    );
  });

  test('no value can begin a line of its own or steer the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, value) => {
        const { log, lines } = capture({ format: 'text' });
        log.info(value, { [`k${key}`]: value, a: { [`k${key}`]: [value] } });
        expect(lines).toHaveLength(1);
        expect(lines.join('').slice(0, -1)).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});
