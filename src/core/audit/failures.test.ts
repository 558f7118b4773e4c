import { expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { defineEndpoint, endpoint } from '../../kernel/http/endpoint.ts';

const broken = defineEndpoint({
  method: 'GET',
  path: '/tests/broken/',
  operationId: 'tests_broken',
  permission: 'public',
  responses: { 204: null },
  handle() {
    throw new TypeError('no value planted-secret');
  },
});

const app = await testApp({ provides: [endpoint(broken)] });

test('a request that fails for a reason of ours leaves an event with its id, and nothing of what was sent', async () => {
  // Not through `app.api`, which holds answers against the contract.
  const answer = await app.http.inject({ url: '/api/v3/tests/broken/?itoken=planted-secret' });
  expect(answer.statusCode).toBe(500);
  const [event] = await app.ctx.db.query<object>(`select * from event where action = 'system_exception'`);
  expect(event).toMatchObject({
    app: 'vestibule.http',
    client_ip: '127.0.0.1',
    context: {
      message: 'TypeError',
      http_request: { request_id: answer.headers['x-request-id'], path: '/api/v3/tests/broken/' },
    },
  });
  expect(JSON.stringify(event)).not.toContain('planted-secret');
});
