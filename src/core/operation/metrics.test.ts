import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { startMetrics } from '../../kernel/metrics/listener.ts';

const METRICS = '/-/metrics/';

/** The value of one series. */
function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? Number.NaN);
}

describe('on a server that only this machine reaches', () => {
  const ready = testApp();
  const read = async (headers: Record<string, string> = {}) => (await ready).jar().ask('GET', METRICS, { headers });

  test('the metrics count requests by the pattern of their route, method and status', async () => {
    const app = await ready;
    await app.api('GET', '/api/v3/core/users/1/');
    await app.api('GET', '/api/v3/core/users/999999/');
    const { text, headers } = await read();
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const route = 'route="/api/v3/core/users/{id}/",method="GET"';
    expect(valueOf(text, `vestibule_http_requests_total{${route},status="200"}`)).toBe(1);
    expect(valueOf(text, `vestibule_http_requests_total{${route},status="404"}`)).toBe(1);
    expect(valueOf(text, `vestibule_http_request_duration_seconds_count{${route}}`)).toBe(2);
  });

  test('the metrics count steps of flows and events', async () => {
    const app = await ready;
    const flow = '/api/v3/flows/executor/default-authentication-flow/?query=';
    const jar = app.jar();
    await jar.follow('GET', flow);
    await jar.follow('POST', flow, { json: { component: 'ak-stage-identification', uid_field: 'akadmin' } });
    await jar.follow('POST', flow, { json: { component: 'ak-stage-password', password: 'wrong' } });
    const { text } = await read();
    const step = (stage: string, outcome: string) =>
      valueOf(text, `vestibule_flow_steps_total{stage="${stage}",outcome="${outcome}"}`);
    expect(step('identification', 'challenge')).toBe(1);
    expect(step('identification', 'pass')).toBe(1);
    expect(step('password', 'invalid')).toBe(1);
    expect(valueOf(text, 'vestibule_events_total{action="login_failed"}')).toBe(1);
  });

  test('the metrics count the event of each change, also of those that one statement makes', async () => {
    const app = await ready;
    const counts = async () => {
      const { text } = await read();
      return ['created', 'updated', 'deleted'].map(
        (verb) => valueOf(text, `vestibule_events_total{action="model_${verb}"}`) || 0,
      );
    };
    const before = await counts();
    // A stage is written by one statement; a group takes several, and its removal has a hook.
    const stage = await app.api('POST', '/api/v3/stages/deny/', { name: 'counted' });
    const group = await app.api('POST', '/api/v3/core/groups/', { name: 'counted' });
    const paths = [`/api/v3/stages/deny/${stage.body.pk}/`, `/api/v3/core/groups/${group.body.pk}/`];
    for (const path of paths) await app.api('PATCH', path, { name: 'counted-twice' });
    for (const path of paths) await app.api('DELETE', path);
    await app.api('DELETE', paths[0] ?? '');
    expect((await counts()).map((count, index) => count - (before[index] ?? 0))).toEqual([2, 2, 2]);
  });

  test('the metrics show the database, the queue, the hashing queue and the process', async () => {
    const { text } = await read();
    expect(valueOf(text, 'vestibule_database_up')).toBe(1);
    expect(valueOf(text, 'vestibule_database_connections{state="waiting"}')).toBe(0);
    expect(valueOf(text, 'vestibule_queue_jobs{state="waiting"}')).toBe(0);
    expect(valueOf(text, 'vestibule_hashing_waiting')).toBe(0);
    expect(valueOf(text, 'vestibule_process_memory_bytes{kind="rss"}')).toBeGreaterThan(1e7);
    expect(valueOf(text, 'vestibule_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
  });

  test('T08 paths, queries and tokens are in no label', async () => {
    const app = await ready;
    await app.jar().ask('GET', '/if/flow/planted-slug/?itoken=planted-token');
    await app.jar().ask('GET', '/planted/nowhere');
    await app.api('GET', '/api/v3/core/users/?search=planted');
    expect((await read()).text).not.toContain('planted');
  });

  test.each([
    ['x-forwarded-for', '203.0.113.1'],
    ['forwarded', 'for=203.0.113.1'],
    ['via', '1.1 proxy'],
    ['host', 'evil.example.org'],
  ])('A16 a request with %s: %s came from elsewhere and finds nothing', async (name, value) => {
    expect((await read()).status).toBe(200);
    expect((await read({ [name]: value })).status).toBe(404);
  });
});

test.each([
  ['VESTIBULE_PUBLIC_URL', 'https://id.example.org'],
  ['VESTIBULE_TRUSTED_PROXIES', '127.0.0.1'],
  ['VESTIBULE_LISTEN', ':9000'],
  ['VESTIBULE_METRICS_LISTEN', '127.0.0.1:0'],
])('A16 with %s=%s the public listener has no metrics', async (name, value) => {
  const app = await testApp({ env: { [name]: value } });
  expect((await app.jar().ask('GET', METRICS)).status).toBe(404);
});

function get(port: number, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}

test('VESTIBULE_METRICS_LISTEN serves the metrics and nothing else', async () => {
  const app = await testApp({ env: { VESTIBULE_METRICS_LISTEN: '127.0.0.1:0' } });
  const listener = await startMetrics(app.ctx);
  try {
    const found = await get(listener.port, METRICS);
    expect(found.status).toBe(200);
    expect(found.text).toContain('vestibule_info{version="');
    expect((await get(listener.port, '/api/v3/root/config/')).status).toBe(404);
  } finally {
    await listener.close();
  }
  await expect(get(listener.port, METRICS)).rejects.toThrow('ECONNREFUSED');
});

test('metrics go on while the database is away, and say so (R06)', async () => {
  const app = await testApp();
  await app.ctx.db.close();
  const { status, text } = await app.jar().ask('GET', METRICS);
  expect(status).toBe(200);
  expect(valueOf(text, 'vestibule_database_up')).toBe(0);
});
