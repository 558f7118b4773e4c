import { expect, test } from 'vitest';
import { testApp } from '../../../test/app.ts';
import { purgeTokens } from './tasks.ts';

test('the clean-up removes expired tokens, never those without a date or that do not expire (D3)', async () => {
  const app = await testApp();
  const past = '2001-01-01T00:00:00Z';
  const tokens = [
    { identifier: 'expired', expires: past },
    { identifier: 'dateless' },
    { identifier: 'kept', expires: past, expiring: false },
    { identifier: 'young', expires: '2999-01-01T00:00:00Z' },
  ];
  for (const token of tokens) expect((await app.api('POST', '/api/v3/core/tokens/', token)).status).toBe(201);
  await purgeTokens.run(app.ctx, {});
  const names = tokens.map(({ identifier }) => identifier);
  const sql = 'select identifier from token where identifier = any($1) order by identifier';
  const left = await app.ctx.db.query<{ identifier: string }>(sql, [names]);
  expect(left.map(({ identifier }) => identifier)).toEqual(['dateless', 'kept', 'young']);
  // Its name is free again.
  expect((await app.api('POST', '/api/v3/core/tokens/', { identifier: 'expired' })).status).toBe(201);
});
